# SPDX-License-Identifier: GPL-2.0-or-later
bzc_unit_test(utf8 bzc_report)
bzc_unit_test(page bzc_report)
bzc_unit_test(report bzc_report PkgConfig::JANSSON)
set_tests_properties(unit.report PROPERTIES ENVIRONMENT "BZC_PYTHON=${Python3_EXECUTABLE}")
