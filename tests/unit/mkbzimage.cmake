# SPDX-License-Identifier: GPL-2.0-or-later
bzc_unit_test(mkbzimage bzc_mkbzimage)
