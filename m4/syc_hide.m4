# SPDX-License-Identifier: MIT
# SYC_HIDE
# How scripts/hide-private makes an archive hide what is private: sets HIDE_HOW to
# the first way in which a program with a function of a private one's name can be
# linked with it.  There being none is an error, for the archive's promise holds
# wherever there is one.
AC_DEFUN([SYC_HIDE], [
  AC_CHECK_TOOLS([OBJCOPY], [objcopy llvm-objcopy gobjcopy], [:])
  AC_CACHE_CHECK([how an archive hides what is private], [syc_cv_hide], [
    syc_cv_hide=no
    syc_hide=$(cd "$srcdir" && pwd)/scripts/hide-private
    for syc_how in elf elf-lto macho; do
      AS_CASE([$syc_how], [macho], [syc_objcopy=:], [syc_objcopy=$OBJCOPY])
      AS_IF([test "$syc_how$syc_objcopy" = macho: || test "x$syc_objcopy" != x:], [
        AS_MKDIR_P([conftest.dir])
        cat > conftest.dir/private.c <<_ACEOF
__attribute__((visibility("hidden"))) int syc_private(void) { return 1; }
_ACEOF
        cat > conftest.dir/public.c <<_ACEOF
__attribute__((visibility("hidden"))) int syc_private(void);
int syc_public(void) { return syc_private(); }
_ACEOF
        cat > conftest.dir/main.c <<_ACEOF
int syc_public(void);
int syc_private(void) { return 2; }
int main(void) { return syc_private() + syc_public() != 3; }
_ACEOF
        AS_IF([(cd conftest.dir &&
            $CC $CFLAGS $CPPFLAGS -c private.c && $CC $CFLAGS $CPPFLAGS -c public.c &&
            $AR cr libsyc.a private.$OBJEXT public.$OBJEXT && $RANLIB libsyc.a &&
            CC=$CC CFLAGS=$CFLAGS AR=$AR RANLIB=$RANLIB OBJCOPY=$OBJCOPY HIDE_HOW=$syc_how \
              $SHELL "$syc_hide" libsyc.a &&
            $CC $CFLAGS $CPPFLAGS $LDFLAGS -o main main.c libsyc.a) >&AS_MESSAGE_LOG_FD 2>&1],
          [syc_cv_hide=$syc_how])
        rm -rf conftest.dir
        test "$syc_cv_hide" = no || break])
    done])
  AS_IF([test "$syc_cv_hide" = no], [AC_MSG_ERROR([--enable-static: private names of libsyc.a would be seen by programs; hiding them needs an objcopy with --localize-hidden (binutils, LLVM)])])
  AC_SUBST([HIDE_HOW], [$syc_cv_hide])
])
