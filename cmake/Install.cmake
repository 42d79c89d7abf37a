# SPDX-License-Identifier: GPL-2.0-or-later
# What `cmake --install` puts where. The tree may be moved as a whole: nothing in it names the prefix.
#
# A Unicorn that lies in this source tree (.deps/unicorn: tools/fetch-unicorn) is no use to anybody else, so it comes
# along, in a folder of bzcheck's own, and program and library look for it there. Another one stays where it is.

cmake_path(IS_PREFIX CMAKE_SOURCE_DIR "${Unicorn_LIBRARY}" NORMALIZE bzc_unicorn_is_ours)
option(BZC_BUNDLE_UNICORN "Install the Unicorn library, too, in a folder of bzcheck's own" ${bzc_unicorn_is_ours})

# bzc_install_rpath(TARGET FOLDER): where TARGET, installed in FOLDER, finds Unicorn.
function(bzc_install_rpath target folder)
    if(BZC_BUNDLE_UNICORN)
        file(RELATIVE_PATH path "${folder}" "${CMAKE_INSTALL_FULL_LIBDIR}/bzcheck")
        set_target_properties(${target} PROPERTIES INSTALL_RPATH "$ORIGIN/${path}")
    else()
        set_target_properties(${target} PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
    endif()
endfunction()

bzc_install_rpath(bzcheck "${CMAKE_INSTALL_FULL_BINDIR}")
install(TARGETS bzcheck RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
if(BZC_LIBRARY)
    bzc_install_rpath(libbzcheck "${CMAKE_INSTALL_FULL_LIBDIR}")
    install(TARGETS libbzcheck LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
    install(FILES include/bzcheck.h DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
    file(RELATIVE_PATH bzc_pc_prefix "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
    configure_file(cmake/bzcheck.pc.in "${CMAKE_BINARY_DIR}/bzcheck.pc" @ONLY)
    install(FILES "${CMAKE_BINARY_DIR}/bzcheck.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
    install(FILES examples/verify.c DESTINATION "${CMAKE_INSTALL_DOCDIR}/examples")
endif()

if(BZC_BUNDLE_UNICORN)
    # Under the name that it is asked for by, its soname.
    file(REAL_PATH "${Unicorn_LIBRARY}" bzc_unicorn_file)
    execute_process(COMMAND "${CMAKE_OBJDUMP}" -p "${bzc_unicorn_file}" OUTPUT_VARIABLE bzc_unicorn_headers
                    COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCH "SONAME +([^\n ]+)" bzc_unicorn_soname "${bzc_unicorn_headers}")
    install(FILES "${bzc_unicorn_file}" DESTINATION "${CMAKE_INSTALL_LIBDIR}/bzcheck" RENAME "${CMAKE_MATCH_1}")
    cmake_path(GET bzc_unicorn_file PARENT_PATH bzc_unicorn_folder)
    file(GLOB bzc_unicorn_copyright "${bzc_unicorn_folder}/../../share/doc/libunicorn2*/copyright")
    if(bzc_unicorn_copyright)
        install(FILES ${bzc_unicorn_copyright} DESTINATION "${CMAKE_INSTALL_DOCDIR}" RENAME copyright.unicorn)
    endif()
endif()

file(GLOB bzc_man_pages CONFIGURE_DEPENDS docs/man/*.1)
install(FILES ${bzc_man_pages} DESTINATION "${CMAKE_INSTALL_MANDIR}/man1")
install(FILES tools/completion/bzcheck.bash DESTINATION "${CMAKE_INSTALL_DATADIR}/bash-completion/completions" RENAME bzcheck)
install(FILES tools/completion/bzcheck.zsh DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/site-functions" RENAME _bzcheck)
install(FILES tools/completion/bzcheck.fish DESTINATION "${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d")
install(FILES README.md CHANGELOG.md LICENSE DESTINATION "${CMAKE_INSTALL_DOCDIR}")
# Beside README.md as in the source, so that its links lead somewhere.
install(DIRECTORY docs DESTINATION "${CMAKE_INSTALL_DOCDIR}" PATTERN "man" EXCLUDE PATTERN "bisect-run" EXCLUDE)
install(PROGRAMS docs/ci/bisect-run DESTINATION "${CMAKE_INSTALL_DOCDIR}/docs/ci")
