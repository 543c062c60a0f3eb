# SPDX-License-Identifier: MIT
# SYC_VERSION_SCRIPT
# Substitutes VERSION_SCRIPT, which gives the library's symbols the version of
# libsyc.map where the linker knows how; elsewhere they have none.
AC_DEFUN([SYC_VERSION_SCRIPT], [
  AC_CACHE_CHECK([for version scripts of the linker], [syc_cv_version_script], [
    syc_save_LDFLAGS=$LDFLAGS
    LDFLAGS="$LDFLAGS -Wl,--version-script=conftest.map"
    echo 'CONFTEST_0 { global: syc_*; local: *; };' > conftest.map
    AC_LINK_IFELSE([AC_LANG_PROGRAM()], [syc_cv_version_script=yes], [syc_cv_version_script=no])
    rm -f conftest.map
    LDFLAGS=$syc_save_LDFLAGS])
  AS_IF([test "$syc_cv_version_script" = yes],
    [AC_SUBST([VERSION_SCRIPT], ['-Wl,--version-script=libsyc.map'])])
])
