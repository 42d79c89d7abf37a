# SPDX-License-Identifier: GPL-2.0-or-later
# Run as a script: cmake -DOUTPUT=FILE.c -DFOLDER=loader/profiles -DNAMES=crosvm,grub-linux,... -P EmbedProfiles.cmake
# Writes the loader profiles (FOLDER/<NAME>.profile) as the tables that loader/boot_loader.h declares.

string(REPLACE "," ";" names "${NAMES}")
set(arrays "")
set(texts "")
set(rows "")
set(count 0)
foreach(name ${names})
    file(READ "${FOLDER}/${name}.profile" bytes HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
    string(APPEND arrays "static const uint8_t profile_${count}[] = {${bytes}0};\n")
    string(APPEND texts "    {profile_${count}, sizeof(profile_${count}) - 1},\n")
    string(APPEND rows "    \"${name}\",\n")
    math(EXPR count "${count} + 1")
endforeach()
file(WRITE "${OUTPUT}"
"/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made from loader/profiles by cmake/EmbedProfiles.cmake. */
#include \"loader/boot_loader.h\"

${arrays}
const struct bzc_bytes bzc_loader_profile_text[] = {
${texts}    {NULL, 0},
};
const char *const bzc_loader_profile_name[] = {
${rows}    NULL,
};
const size_t bzc_loader_profile_count = ${count};
")
