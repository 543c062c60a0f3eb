#!/bin/sh
# SPDX-License-Identifier: MIT
# README's picture, light and dark: the dark one is what scripts/picture makes of the
# light one, differs from it in colors only, and has none that the dark would swallow.
. "$top_srcdir/tests/lib.sh"

# picture SVG: light and dark in made/doc, of what is in the tree's scripts.
picture() {
	mkdir -p made/doc made/scripts study
	cp "$top_srcdir/scripts/picture" made/scripts
	cp "$1" study/positions.svg
	run 0 sh made/scripts/picture study
}
# colorless FILE: each color as one word.
colorless() {
	sed -E 's/rgb\( *[0-9]+, *[0-9]+, *[0-9]+\)|#[0-9a-fA-F]{6}|"black"|"white"/COLOR/g; s/"COLOR"/COLOR/g' "$1"
}
# Light and dark of made/doc are one picture.
alike() {
	colorless made/doc/auc-light.svg >light
	colorless made/doc/auc-dark.svg >dark
	same light dark "$1: more than colors"
	grep -q COLOR light || fail "$1: no colors"
	# Each is another one, but for those that both grounds show.
	grep -oE '"black"|"white"|#[fF]{6}|#0{6}|rgb\( *0, *0, *0\)|rgb\(255, *255, *255\)' made/doc/auc-dark.svg | sort -u >left
	[ ! -s left ] || fail "$1: left in the dark: $(cat left)"
}

picture "$top_srcdir/doc/auc-light.svg"
same made/doc/auc-light.svg "$top_srcdir/doc/auc-light.svg"
same made/doc/auc-dark.svg "$top_srcdir/doc/auc-dark.svg" 'the dark picture and what scripts/picture makes'
alike 'the picture of README'

# What a plot looks like today.
if gnuplot --version >which 2>&1; then
	i=0
	while [ $i -lt 24 ]; do
		echo "{\"id\": \"r$i\", \"label\": $((i % 2)), \"layers\": [0, 1], \"score\": {\"v\": {\"prompt\": [$((i % 5)), $((i % 3))]}}}"
		i=$((i + 1))
	done >rows
	run 0 syc-fit --json -o fit.json rows
	run 0 syc-plot -q -o fit.svg fit.json
	picture fit.svg
	alike 'a plot'
else
	echo 'left out: the colors of a plot: gnuplot is not there'
fi

# Both can be drawn, in one size, and look different.
if rsvg-convert --version >which 2>&1; then
	for ground in light dark; do
		run 0 rsvg-convert -o $ground.png "$top_srcdir/doc/auc-$ground.svg"
		od -An -tu1 -j16 -N8 $ground.png >$ground.size
	done
	same light.size dark.size 'width and height'
	cmp -s light.png dark.png && fail 'light and dark look the same'
else
	echo 'left out: drawing the picture: rsvg-convert is not there'
fi
exit $failed
