# SPDX-License-Identifier: MIT
# Sourced by scripts that build or test: makes sure that what they need is installed.

# packages MANAGER build|plot|test: what that manager of packages (apt, dnf, pacman,
# brew) knows as needed to build; to plot, too; to run all tests, too.
packages()
{
	case $1 in
	apt)
		echo gcc make autoconf automake libtool pkg-config libopenblas-dev zlib1g-dev \
			libjansson-dev libpcre2-dev libutf8proc-dev check
		plot=gnuplot-nox
		test="bash fish zsh groff jq munge parallel slurm-wlm python3-numpy python3-pandas procps"
		;;
	dnf)
		echo gcc make autoconf automake libtool pkgconf-pkg-config openblas-devel zlib-devel \
			jansson-devel pcre2-devel utf8proc-devel check-devel
		plot=gnuplot
		test="bash fish zsh groff jq parallel python3-numpy python3-pandas procps-ng diffutils"
		;;
	pacman)
		echo base-devel openblas zlib jansson pcre2 libutf8proc check
		plot=gnuplot
		test="bash fish zsh groff jq parallel python-numpy python-pandas"
		;;
	brew)
		echo autoconf automake libtool pkg-config openblas zlib jansson pcre2 utf8proc check
		plot=gnuplot
		test="bash fish zsh groff jq parallel numpy"
		;;
	esac
	[ "$2" = build ] || echo "$plot"
	[ "$2" != test ] || echo "$test"
}

as_root()
{
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	else
		sudo "$@"
	fi
}

apt_install()
{
	as_root apt-get -o DPkg::Lock::Timeout=300 update -q > /dev/null
	as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 "$@" > /dev/null
}

# need_apt PACKAGE...: install those that are missing with apt-get.
need_apt()
{
	missing=
	native=$(dpkg --print-architecture)
	for p; do
		dpkg-query -W -f '${Architecture} ${db:Status-Status}\n' "$p" 2> /dev/null |
			grep -qxE "($native|all) installed" || missing="$missing $p"
	done
	[ -n "$missing" ] || return 0
	if [ "$(id -u)" -ne 0 ] && ! command -v sudo > /dev/null; then
		echo "Missing packages; as root: apt-get install$missing" >&2
		exit 1
	fi
	echo "Installing:$missing" >&2
	# shellcheck disable=SC2086
	apt_install install -y -q --no-install-recommends $missing
}

# need_packages plot|test: install them with apt-get, or print the lists.
need_packages()
{
	if ! command -v apt-get > /dev/null || ! command -v dpkg-query > /dev/null; then
		echo "This script installs packages on Debian and its kin alone. Elsewhere, install"
		echo "these, then run: autoreconf -fi && ./configure && make && make check"
		for manager in apt dnf pacman brew; do
			echo "  $manager: $(packages $manager "$1" | paste -sd' ' -)"
		done
		exit 1
	fi >&2
	# shellcheck disable=SC2046
	need_apt $(packages apt "$1")
}

cores()
{
	getconf _NPROCESSORS_ONLN 2> /dev/null || echo 2
}

# set_up DIR [CONFIGURE-OPTION]...: configure in DIR.
set_up()
{
	dir=$1
	shift
	[ -x configure ] || autoreconf -fi > /dev/null 2>&1 || autoreconf -fi
	mkdir -p "$dir"
	[ -e "$dir/Makefile" ] || (cd "$dir" && ../configure -q "$@")
}

# make_in DIR [ARGUMENT]...: make there, with the jobs of the make that calls, if any.
# What /bin/sh is takes half of bash's time for libtool, where it is dash.
make_in()
{
	in=$1
	shift
	case ${MAKEFLAGS-} in
	*jobserver*) ;;
	*) set -- -j "$(cores)" "$@" ;;
	esac
	make -s -C "$in" LIBTOOL='/bin/sh ./libtool' "$@"
}

# build DIR [CONFIGURE-OPTION]...: configure and make in DIR.
build()
{
	set_up "$@"
	make_in "$1"
}
