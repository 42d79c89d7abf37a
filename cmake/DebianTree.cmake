# SPDX-License-Identifier: GPL-2.0-or-later
# Run by cpack on the tree that becomes the Debian package: what Debian's policy wants of a package (12.3, 12.5, 12.7)
# and an installed tree elsewhere does not have. The same tree gives the same bytes.

set(bzc_root "${CPACK_TEMPORARY_INSTALL_DIRECTORY}${CPACK_PACKAGING_INSTALL_PREFIX}")
set(bzc_doc "${bzc_root}/share/doc/${CPACK_PACKAGE_NAME}")

# The licence's text is part of every Debian system; the copyright file names it.
file(READ "${CPACK_BZC_SOURCE_DIR}/cmake/debian-copyright" bzc_copyright)
if(EXISTS "${bzc_doc}/copyright.unicorn")
    string(APPEND bzc_copyright
           "\nThis package carries a copy of the library Unicorn (libunicorn.so.2, in the\n"
           "folder bzcheck below /usr/lib). Its authors and licences, above all the GNU\n"
           "General Public License version 2, are named in copyright.unicorn beside this\n"
           "file.\n")
endif()
file(WRITE "${bzc_doc}/copyright" "${bzc_copyright}")
file(REMOVE "${bzc_doc}/LICENSE")
file(RENAME "${bzc_doc}/CHANGELOG.md" "${bzc_doc}/changelog")

# The package's own history: this build. SOURCE_DATE_EPOCH gives its date.
string(TIMESTAMP bzc_date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE "${bzc_doc}/changelog.Debian"
     "${CPACK_PACKAGE_NAME} (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) unstable; urgency=medium\n\n"
     "  * Made by cpack; changelog.gz tells what changed in bzcheck.\n\n"
     " -- ${CPACK_PACKAGE_CONTACT}  ${bzc_date}\n")

file(GLOB bzc_compressed "${bzc_root}/share/man/man1/*.1")
list(APPEND bzc_compressed "${bzc_doc}/changelog" "${bzc_doc}/changelog.Debian")
execute_process(COMMAND gzip -9n ${bzc_compressed} COMMAND_ERROR_IS_FATAL ANY)

# A file's mode is not the umask's business.
execute_process(COMMAND chmod -R u=rwX,go=rX "${CPACK_TEMPORARY_INSTALL_DIRECTORY}" COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE bzc_libraries "${bzc_root}/lib/*.so.*")
execute_process(COMMAND chmod 644 ${bzc_libraries} COMMAND_ERROR_IS_FATAL ANY)
