# SPDX-License-Identifier: MIT
# From a checkout: nix-build -E 'with import <nixpkgs> {}; callPackage ./packaging/syc.nix {}'
{ lib, stdenv, autoreconfHook, pkg-config, check, jansson, jq, openblas, pcre2, utf8proc, zlib }:

let
  configure = builtins.readFile ../configure.ac;
  # What configure.ac says behind the words.
  said = words: builtins.head (builtins.match ".*${words}([^]\"]*)[]\"].*" configure);
in
stdenv.mkDerivation {
  pname = "syc";
  version = said "AC_INIT\\(\\[syc],\\[";
  src = lib.cleanSource ../.;

  outputs = [ "out" "dev" "man" ];
  nativeBuildInputs = [ autoreconfHook pkg-config ];
  buildInputs = [ jansson openblas pcre2 utf8proc zlib ];
  nativeCheckInputs = [ check jq ];
  enableParallelBuilding = true;
  doCheck = true;
  checkTarget = "check-package";

  meta = {
    description = said "syc_summary],\\[\"";
    homepage = said "\\[syc],\\[";
    license = lib.licenses.mit;
    mainProgram = "syc";
    platforms = lib.platforms.unix;
  };
}
