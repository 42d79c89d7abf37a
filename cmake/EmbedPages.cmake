# SPDX-License-Identifier: GPL-2.0-or-later
# Run as a script: cmake -DOUTPUT=FILE.c -DFOLDER=docs/rules -DIDS=ELF-001,ELF-002,... -P EmbedPages.cmake
# Writes the rules' pages (FOLDER/<ID>.md) as the table that report/rule_pages.h declares.

string(REPLACE "," ";" ids "${IDS}")
set(arrays "")
set(rows "")
foreach(id ${ids})
    string(REPLACE "-" "_" name "page_${id}")
    file(READ "${FOLDER}/${id}.md" bytes HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
    string(APPEND arrays "static const unsigned char ${name}[] = {${bytes}0};\n")
    string(APPEND rows "    {\"${id}\", (const char *)${name}},\n")
endforeach()
file(WRITE "${OUTPUT}"
"/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made from docs/rules by cmake/EmbedPages.cmake. */
#include \"report/rule_pages.h\"

${arrays}
const struct bzc_rule_page bzc_rule_pages[] = {
${rows}    {NULL, NULL},
};
")
