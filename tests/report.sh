#!/bin/sh
# SPDX-License-Identifier: MIT
# syc-report: what is on the page, that it is whole, and that nothing in a
# file becomes part of it but as text.
. "$top_srcdir/tests/lib.sh"
command -v python3 >/dev/null || { echo "python3 is not there"; exit 77; }

# page [ARGUMENT]...: a good page, its text in text.
page() {
	run 0 syc-report -o page.html "$@"
	python3 "$top_srcdir/tests/report.py" page.html >text 2>why || fail "page: $(tail -n 1 why)"
}
shows() {
	for text; do
		grep -qF -- "$text" text || fail "the page lacks '$text'"
	done
}

awk 'BEGIN {
	for (i = 0; i < 40; i++)
		printf "{\"id\":\"r%d\",\"question\":\"Q%d?\",\"completion\":\"C%d\",\"why\":\"letter\",\"label\":%d," \
			"\"layers\":[0,1],\"score\":{\"v\":{\"prompt\":[%.3f,%.3f]}}}\n", i, i, i, i % 2,
			(i * 37) % 40 / 100 + i % 2 / 10, (i * 11) % 40 / 100
}' >rows.jsonl
syc-fit --json -o fit.json rows.jsonl
printf 'layer\ta:b\n0\t0.123456789\n1\t-2\n' >cos.tsv
printf '\nfirst line\n  second <b>\n' >notes.txt

page --title 'A study' --section 'What & why' --paragraph 'One.

Two <i>.' --section 'Rows' --caption 'Some' --add rows.jsonl --show-rows 3 --no-plots fit.json cos.tsv notes.txt
shows 'A study' 'What & why' 'One.' 'Two <i>.' 'Some' 'C2' 'vector v, position prompt' 'letter' \
	'0.123' 'a:b' '  second <b>' 'sycophantic 20'
grep -q C3 text && fail "--show-rows"
grep -q '<th scope="col" class="n">a:b</th>' page.html || fail "the head of a column of numbers"
grep -q 0.1234 text && fail "digits"
grep -q '<svg' page.html && fail "--no-plots"
grep -q '<li><a href="#s2">Rows</a></li>' page.html || fail "contents"
# The figures are those of the report.
if have_jq; then
	for f in auc auc_lo auc_hi slope r; do
		shows "$(jq -r ".fits[0].layers[1].$f | if . < 0 then -. else . end" fit.json |
			awk '{ printf "%.3f", $1 }')"
	done
fi
# The same bytes, also on standard output.
syc-report --no-plots fit.json >a
syc-report --no-plots fit.json -o b
same a b
[ ! -e b.part ] || fail "b.part is left"

# Pictures: ids are kept apart, the page stays whole.
if command -v gnuplot >/dev/null; then
	syc-plot -o auc.svg fit.json
	page --caption 'By <layer>' --add auc.svg auc.svg fit.json
	[ "$(grep -o '<svg' page.html | wc -l)" -eq 4 ] || fail "not four pictures"
	shows 'By <layer>' 'AUC (95 % interval)'
	syc-plot --kind points --layers 0,1 --title '<&"quoted">' -o points.svg rows.jsonl
	page points.svg
	shows '<&"quoted">'
	# No gnuplot: the tables are there, and the reason is said.
	mkdir bin
	for p in syc-plot sh sed cat ls grep expr dirname basename pwd uname; do
		f=$(command -v $p) && ln -s "$f" bin/$p 2>/dev/null
	done
	printf '#!/bin/sh\necho "line 0: no" >&2\nexit 1\n' >bin/gnuplot
	chmod +x bin/gnuplot
	report=$(command -v syc-report)
	run 0 env PATH="$PWD/bin" TMPDIR="$PWD" "$report" -o none.html fit.json
	grep -q 'the figure is left out' err || fail "$(cat err)"
	grep -q '<table' none.html || fail "no table"
	for left in syc-report-*; do
		[ ! -e "$left" ] || fail "$left is left"
	done
fi

# A folder: a section for each kind, pictures of what is alike together, and
# nothing of what no program wrote.
mkdir study study/inner hollow
cp rows.jsonl study/a.jsonl
cp fit.json study/a.json
cp fit.json study/b.json
cp cos.tsv study/cos.tsv
echo '{"hello": 1}' >study/other.json
echo '{"question": "not scored"}' >study/plain.jsonl
echo 'nonsense' >study/bad.json
cp fit.json study/inner/c.json
cp fit.json study/.hidden.json
printf '%s\n' '{"a": "x/one.gguf", "b": "two.gguf", "cosine": [0.25, -0.5]}' >study/cosines.json
printf '%s\n' '{"name": "one", "kind": "vector", "length": [1, 2], "dprime": [0.5, 1.5]}' >study/vectors.json
printf '%s %s\n' '{"kl_on": "answers", "at_kl": null, "settings": [{"kind": "none", "p_match": 0.5},' \
	'{"kind": "steer", "vector": "v", "layer": 1, "layers": "1", "op": "add", "scale": 1, "p_match": 0.6, "change": 0.1, "change_lo": 0, "change_hi": 0.2, "kl": 0.3}]}' >study/sweep.json
page --title 'All of it' --paragraph 'An introduction.' --no-plots study
for section in 'How sycophantic is the model?' 'Do the vectors predict?' 'Do they steer?' 'What are the vectors?' 'Other tables'; do
	[ "$(grep -cF -- "$section" text)" -eq 2 ] || fail "section and contents: $section"
done
grep -qF -e 'And elsewhere?' -e 'What does int8 cost?' -e 'hello' -e 'not scored' -e nonsense text && fail "what is not there"
# 40 rows, half of them sycophantic: Wilson's interval.
tr -d '\n' <text >flat
grep -qF 'a40020200.500 [0.352, 0.648]' flat || fail "the counts of labels: $(grep -o 'a400.*' flat | cut -c 1-60)"
[ "$(grep -cx '[ab].json' text)" -eq 2 ] || fail "tables of both reports"
shows 'cos.tsv' 'cosines.json' 'a x/one.gguf; b two.gguf'
cp page.html first.html
syc-report --title 'All of it' --paragraph 'An introduction.' --no-plots study >second.html
same first.html second.html
if command -v gnuplot >/dev/null; then
	page study
	shows 'AUC by layer' 'a (n = 40)' 'b (n = 40)' 'Calibration: the share' '(a)' '(b)' 'each dot is a row (a, v, prompt)' \
		'ROC curves (a)' 'P(match): the dashed line' 'Settings by how much' 'Cosines of vectors (cosines)' 'Length of the vector'
	[ "$(grep -o '<svg' page.html | wc -l)" -eq 9 ] || fail "$(grep -o '<svg' page.html | wc -l) pictures of a folder, not 9"
	grep -q 'against how much' text && fail "one scale is no curve"
	grep -q 'syc.*left out' err && fail "a figure is missing: $(cat err)"
fi
run 1 syc-report -o never.html hollow
says 'syc-report: hollow: there is nothing in it that a study writes'
printf '{"label":1,"layers":[0],"score":{"v":{"p":[1]}}}\n{\n' >study/z.jsonl
run 1 syc-report --no-plots -o never.html study
says 'study/z.jsonl:2: '
absent never.html never.html.part
rm -r study

# Columns that say nothing, and those that go on below.
awk 'BEGIN {
	printf "["
	for (i = 0; i < 4; i++) {
		printf "%s{\"id\":%d,\"same\":7.5,\"gone\":null", i ? "," : "", i
		for (k = 0; k < 14; k++)
			printf ",\"c%d\":%g", k, i + k / 100
		printf "}"
	}
	print "]"
}' >wide.json
page wide.json
shows 'In all rows: same 7.500'
grep -q gone text && fail "a column of nothing"
[ "$(grep -o '<table' page.html | wc -l)" -eq 2 ] || fail "a wide table is not two"
[ "$(grep -o '>id</th>' page.html | wc -l)" -eq 2 ] || fail "the first column is not in both"
shows '3.130'

# Hostile text in every place is text.
evil='</title></pre></td><script>alert(1)</script><img src=x onerror=alert(2)>"'\''&amp;'
printf '{"question":"%s","completion":"%s \\u0007\\ud83d\\ude00","label":1,"why":"%s"}\n' \
	"$(printf %s "$evil" | sed 's/"/\\"/g')" "$(printf %s "$evil" | sed 's/"/\\"/g')" \
	"$(printf %s "$evil" | sed 's/"/\\"/g')" >evil.jsonl
printf '{"a":"%s","%s":[{"x":1,"%s":"y"}]}' "$(printf %s "$evil" | sed 's/"/\\"/g')" \
	"$(printf %s "$evil" | sed 's/"/\\"/g')" "$(printf %s "$evil" | sed 's/"/\\"/g')" >evil.json
printf '%s\t1\n%s\t2\n' "$evil" "$evil" >evil.tsv
printf '%s \001\377' "$evil" >evil.txt
page --title "$evil" --section "$evil" --paragraph "$evil" --section x --caption "$evil" --add evil.jsonl \
	--caption "$evil" --add evil.json evil.tsv evil.txt
[ "$(grep -oF -- "$evil" text | wc -l)" -ge 12 ] || fail "text was lost: $(grep -oF -- "$evil" text | wc -l)"

# Pictures that are more than that, or less.
svg() {
	printf '<svg viewBox="0 0 9 9">%s</svg>' "$1" >bad.svg
	run "$2" syc-report -o none.html bad.svg
	[ "$2" -eq 0 ] || { says "syc-report: bad.svg: not a plain picture in SVG: $3"; absent none.html none.html.part; }
}
rm -f none.html
svg '<script>alert(1)</script>' 1 'element script'
svg '<style>*{}</style>' 1 'element style'
svg '<foreignObject/>' 1 'element foreignObject'
svg '<image href="http://x/y.png"/>' 1 'element image'
svg '<a href="#x"/>' 1 'element a'
svg '<g onclick="alert(1)"/>' 1 'attribute onclick'
svg '<g ONLOAD="alert(1)"/>' 1 'attribute ONLOAD'
svg '<g style="fill:url(http://x)"/>' 1 'attribute style'
svg '<use xlink:href="http://x#y"/>' 1 'a link out of it'
svg '<use href="javascript:alert(1)"/>' 1 'a link out of it'
svg '<rect fill="url(http://x)"/>' 1 'a value that loads something: fill'
svg '<rect fill="red url(#a)"/>' 1 'a value that loads something: fill'
# However it is written: entities, escapes of CSS, letters of any case, other functions.
for value in 'URL(http://x#y)' '&#117;rl(http://x)' '&#x75;RL(http://x)' 'u\72l(http://x)' 'u\00072 l(#a)' \
	'url(#a) url(http://x)' 'url(#a' 'url(#a\29 url(http://x))' 'url( #a)' "url('#a')" 'u/**/rl(http://x)' \
	'image(http://x)' 'image-set(&quot;http://x&quot; 1x)' 'src(&quot;http://x&quot;)' '(x)' \
	'@import &quot;http://x&quot;' 'expression(alert(1))' 'rgb(0,0,0) URL(//x)'; do
	svg "<rect fill=\"$value\"/>" 1 'a value that loads something: fill'
	svg "<rect filter=\"$value\"/>" 1 'a value that loads something: filter'
done
svg '<use HREF="http://x#y"/>' 0
grep -qi 'http://x' none.html && fail "an attribute in capitals"
rm none.html
svg '<use href="&#104;ttp://x"/>' 1 'a link out of it'
svg '<SCRIPT/>' 1 'element SCRIPT'
svg '<filter id="a"/><rect id="b" fill="RGB(1,2,3)" filter="URL(#a)" transform="translate(1,2) Rotate(3)"/>' 0
rm none.html
page bad.svg
grep -q 'fill="RGB(1,2,3)" filter="url(#f1-a)" transform="translate(1,2) Rotate(3)"' page.html || fail "a picture: $(grep -o '<rect.*' page.html)"
grep -q "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; " page.html || fail "the page's policy"
grep -Eq '<(script|link|img|iframe|object)| (src|style|on[a-z]*)=' page.html && fail "the page's policy would refuse something"
svg '<g><rect></g></rect>' 1 'misplaced end of g'
svg '<g>' 1 'misplaced end of svg'
svg '<svg/>' 1 'misplaced element svg'
svg '<g x=1/>' 1 'no value of x'
svg '<g x="<"/>' 1 "'<' in x"
svg '<!--' 1 'a comment without end'
svg '<![CDATA[x]]>' 1 'element '
printf '<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "b">]><svg></svg>' >bad.svg
run 1 syc-report -o none.html bad.svg
says 'a declaration'
for text in '' 'x' '<svg' '<svg>' '<svg/>' '<svg></svg><svg></svg>' '<g></g>'; do
	printf %s "$text" >bad.svg
	run 1 syc-report -o none.html bad.svg
	says 'not a plain picture'
done
deep=$(awk 'BEGIN { for (i = 0; i < 100; i++) printf "<g>" }')
svg "$deep" 1 'element g'
svg '<g unknown="1" id="a&b&#60;" class="&bad;" fill="&#x72;ed"><use xlink:href="#a&b&#60;"/><text>a &lt; b &x; &#0;</text></g><!-- c -->' 0
page bad.svg
shows 'a < b &x; &#0;'
grep -q unknown page.html && fail "an unknown attribute"
grep -q 'id="f1-a&amp;b&lt;" class="&amp;bad;" fill="red"' page.html || fail "entities: $(grep -o '<g.*' page.html)"

# An interval stands with what it is about; what is inside is told apart.
printf '{"settings":[{"kind":"steer","layer":2,"chosen":0.5,"chosen_change":0.25,"chosen_change_lo":0.125,
"chosen_change_hi":0.375,"change":-0.75,"change_lo":-0.8125,"change_hi":-0.6875,"steer":[{"x":1}],"control":{"n":9,"p":0.0625}}]}' >sweep.json
page --caption Sweep --add sweep.json
tr -d '\n' <text >flat
for words in 'chosen change [interval]change [interval]control: ncontrol: p' '0.5000.250 [0.125, 0.375]'; do
	grep -qF "$words" flat || fail "'$words' is not on the page"
done

# Documents: lines of them, deep ones, matrices, nonsense.
printf '{"a":"x","c":[1,2]}\n{"a":"y","c":[3.25,null]}\n' >lines.json
printf '{"m":[[1,0.5],[0.5,1]],"n":{"deep":{"list":[1,2,3],"x":1,"x_lo":0,"x_hi":2}},"e":[],"t":true}' >deep.json
page --caption 'Lines' --add lines.json --caption 'Deep' --add deep.json
shows '3.250' 'Deep' '0.500' '1, 2, 3'
awk 'BEGIN { for (i = 0; i < 300; i++) printf "{\"a\":"; printf "1"; for (i = 0; i < 300; i++) printf "}" }' >deep.json
page deep.json
shows 'What lies deeper is not shown.'
awk 'BEGIN { printf "["; for (i = 0; i < 2500; i++) printf "%s{\"i\":%d}", i ? "," : "", i; printf "]" }' >long.json
page long.json
shows '500 more rows are not shown'
for text in '' '{' '{"a":1}}' '[1,2' 'nonsense'; do
	printf %s "$text" >bad.json
	run 1 syc-report -o none.html bad.json
	says 'syc-report: bad.json: '
done
: >empty
for end in tsv jsonl; do
	cp empty empty.$end
	run 1 syc-report empty.$end
	says "empty.$end: "
done
printf '{}\n[]\n' >bad.jsonl
run 1 syc-report bad.jsonl
says 'bad.jsonl:2: a JSON array: rows are objects, one a line'
run 1 syc-report absent.svg
says 'absent.svg: No such file'
run 2 syc-report
misused 'nothing to report'
run 2 syc-report --caption x
misused "no file follows 'x'"
run 1 syc-report --no-plots -o none/such fit.json
if [ -w /dev/full ]; then
	syc-report --no-plots fit.json >/dev/full 2>err && fail "/dev/full took it all"
	says 'No space left'
fi
exit $failed
