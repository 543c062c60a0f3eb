# SPDX-License-Identifier: MIT
# SYC_QUADMATH
# Debian's openblas.pc names libgfortran and not libquadmath, which that needs where
# it is an archive, behind it: then libsyc.pc has OpenBLAS' libraries instead of its name.
AC_DEFUN([SYC_QUADMATH], [
  syc_static_openblas=$($PKG_CONFIG --static --libs openblas)
  AC_CACHE_CHECK([whether OpenBLAS' archive needs libquadmath], [syc_cv_quadmath], [
    syc_cv_quadmath=no
    syc_save_LDFLAGS=$LDFLAGS syc_save_LIBS=$LIBS
    LDFLAGS="-static $LDFLAGS"
    LIBS=$syc_static_openblas
    AC_LINK_IFELSE([AC_LANG_CALL([], [dsyevr_])], [], [
      LIBS="$syc_static_openblas -lquadmath -lm"
      AC_LINK_IFELSE([AC_LANG_CALL([], [dsyevr_])], [syc_cv_quadmath=yes])])
    LDFLAGS=$syc_save_LDFLAGS LIBS=$syc_save_LIBS])
  AS_IF([test "$syc_cv_quadmath" = yes],
    [syc_pc_openblas= syc_pc_openblas_libs="$syc_static_openblas -lquadmath -lm"])
])
