# SPDX-License-Identifier: GPL-2.0-or-later
# Run as a script: cmake -DOUTPUT=FILE.c -DSTYLE=style.css -DSCRIPT=script.js -P EmbedText.cmake
# Writes style and script of the HTML report as bzc_html_style of report/html.h.

foreach(name STYLE SCRIPT)
    file(READ "${${name}}" bytes HEX)
    string(REGEX REPLACE "(..)" "0x\\1," bytes "${bytes}")
    set(${name}_BYTES "${bytes}")
endforeach()
file(WRITE "${OUTPUT}"
"/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Made from report/html by cmake/EmbedText.cmake. */
#include \"report/html.h\"

static const unsigned char style[] = {${STYLE_BYTES}0};
static const unsigned char script[] = {${SCRIPT_BYTES}0};

const struct bzc_html_style bzc_html_style = {(const char *)style, (const char *)script};
")
