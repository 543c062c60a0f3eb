#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/parallel.sh, here and over ssh to an sshd of its own: a shard's program is
# killed, and the table made of the results is that of one run.
[ -z "${SYC_SANITIZED-}" ] || { echo "its programs are tested with sanitizers elsewhere"; exit 77; }
. "$top_srcdir/tests/lib.sh"
parallel --version 2>/dev/null | grep -q '^GNU' || { echo "GNU parallel is not there"; exit 77; }
export PARALLEL_HOME="$dir"	# and nothing of the user's

head -n 30 "$demo/test-opinion.jsonl" >questions.jsonl
head -n 20 "$demo/pairs.jsonl" >pairs.jsonl
options="-n 8 --samples 8 --temperature 1 --system="
run 0 syc-gen -q -m "$model" -t 2 $options -r one.npz -o one.jsonl questions.jsonl
run 0 syc-vec mean -q -m "$model" --system= -o v.gguf pairs.jsonl
# table FILE...: what the study is after.
table() {
	cat "$@" | syc-label -q | syc-score -q -d v.gguf | syc-fit -q -t 1 --tsv
}
table one.jsonl >one.tsv
[ "$(wc -l <one.tsv)" -gt 8 ] || fail "no table: $(cat one.tsv)"

# The first time that shard 2 is made, it is killed with rows to keep: where two of
# three parts of its recording are written, in blocks of 512 bytes.
mkdir bin
blocks=$(($(wc -c <one.npz) * 2 / 9 / 512))
cat >bin/syc-gen <<END
#!/bin/sh
case "\$*" in
*'--shard 2/3 '*) mkdir killed 2>/dev/null && { ulimit -f $blocks; ulimit -c 0; } ;;
esac
exec $(command -v syc-gen) "\$@"
END
chmod +x bin/syc-gen
shards() {
	PATH=$dir/bin:$PATH JOBS=2 THREADS=1 "$top_srcdir/examples/parallel.sh" 3 "$model" \
		questions.jsonl "$@" $options
}
run 0 shards here
[ -d killed ] || fail "nothing was killed"
grep -q 'going on after [1-9]' err || fail "nothing was kept: $(cat err)"
table here/*.jsonl >here.tsv
same one.tsv here.tsv "the table of shards made here"
cksum here/* >before
run 0 shards here
[ "$(grep -c 'nothing to resume' err)" -eq 3 ] || fail "made again: $(cat err)"
cksum here/* >after
same before after "what was complete"
absent here/*.part here/*.run

# What does not do: a line for each shard; the status is their number.
run 2 env THREADS=1 "$top_srcdir/examples/parallel.sh" 2 /nowhere/model.gguf questions.jsonl none
[ "$(grep -c '/nowhere/model.gguf' err)" -eq 2 ] && [ "$(wc -l <err)" -eq 2 ] || fail "$(cat err)"
[ -z "$(ls none)" ] || fail "$(ls none)"

# Over ssh.
sshd=$(PATH=$PATH:/usr/sbin command -v sshd)
port=$((20000 + $$ % 20000))
leave() { echo "left out: shards over ssh: $1"; exit $failed; }
[ -n "$sshd" ] || leave "no sshd"
mkdir ssh
ssh-keygen -q -t ed25519 -N '' -f ssh/key
cat >ssh/sshd <<END
Port $port
ListenAddress 127.0.0.1
HostKey $dir/ssh/key
AuthorizedKeysFile $dir/ssh/key.pub
StrictModes no
PidFile none
END
cat >ssh/config <<END
Host node
	HostName 127.0.0.1
	Port $port
	IdentityFile $dir/ssh/key
	IdentitiesOnly yes
	BatchMode yes
	StrictHostKeyChecking no
	UserKnownHostsFile /dev/null
	LogLevel ERROR
END
"$sshd" -D -e -f "$dir/ssh/sshd" 2>ssh/log &
daemon=$!
trap 'kill $daemon 2>/dev/null; rm -rf "$dir"' EXIT
tries=0
until ssh -F ssh/config node true 2>err; do
	tries=$((tries + 1))
	[ $tries -lt 20 ] || leave "$(tail -n 1 ssh/log err)"
	sleep 0.1
done
rm -r killed
PARALLEL_SSH="ssh -F $dir/ssh/config" HOSTS=node run 0 shards there
grep -q 'going on after [1-9]' err || fail "nothing was kept: $(cat err)"
table there/*.jsonl >there.tsv
same one.tsv there.tsv "the table of shards made over ssh"
exit $failed
