#!/bin/sh
# SPDX-License-Identifier: MIT
# examples/slurm.sh under a Slurm of one node that this script starts, as whoever runs
# it, in a folder of its own: a program of the array is killed, another job is
# requeued, the node of a third goes down, and the tables made of the results are
# those of one run.
[ -z "${SYC_SANITIZED-}" ] || { echo "its programs are tested with sanitizers elsewhere"; exit 77; }
. "$top_srcdir/tests/lib.sh"
PATH=$PATH:/usr/sbin:/sbin
for program in munged slurmctld slurmd sbatch; do
	command -v $program >/dev/null || { echo "$program is not there (slurm-wlm and munge have it)"; exit 77; }
done

# ---- the cluster --------------------------------------------------------------------
me=$(id -un) host=$(hostname -s) port=$((20000 + $$ % 20000))
mkdir spool state
chmod 755 .	# mktemp's are closed to munge's clients
dd if=/dev/urandom of=key bs=128 count=1 2>/dev/null
chmod 400 key
cat >slurm.conf <<END
ClusterName=syc
SlurmctldHost=$host(127.0.0.1)
SlurmUser=$me
SlurmdUser=$me
AuthType=auth/munge
CredType=cred/munge
# cred_expire is also how long a requeued job waits.
AuthInfo=socket=$dir/munge.socket,cred_expire=5
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmctldPidFile=$dir/slurmctld.pid
SlurmdPidFile=$dir/slurmd.pid
SlurmctldLogFile=$dir/slurmctld.log
SlurmdLogFile=$dir/slurmd.log
StateSaveLocation=$dir/state
SlurmdSpoolDir=$dir/spool
ProctrackType=proctrack/linuxproc
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
SchedulerType=sched/builtin
SchedulerParameters=sched_interval=1,batch_sched_delay=0
ReturnToService=1
MpiDefault=none
KillWait=2
NodeName=node NodeHostname=$host NodeAddr=127.0.0.1 CPUs=3 RealMemory=3000
PartitionName=all Nodes=node Default=YES State=UP
END
export SLURM_CONF="$dir/slurm.conf"
daemons=
# shellcheck disable=SC2329  # by the trap
stop() {
	# shellcheck disable=SC2086
	scancel -u "$me" 2>/dev/null
	[ -z "$daemons" ] || kill $daemons
	[ ! -e munged.pid ] || kill "$(cat munged.pid)"
	wait
	cd /
	rm -rf "$dir"
}
trap stop EXIT
munged --force --key-file="$dir/key" --socket="$dir/munge.socket" --pid-file="$dir/munged.pid" \
	--log-file="$dir/munged.log" --seed-file="$dir/munged.seed" 2>munged.err ||
	{ echo "munge does not come up here:"; cat munged.err munged.log; exit 77; }
slurmctld -D -i >ctld.out 2>&1 &
daemons=$!
slurmd -D -N node >slurmd.out 2>&1 &
daemons="$daemons $!"

# until_so SECONDS COMMAND...: wait for it.
until_so() {
	left=$(($1 * 10))
	shift
	until "$@" >/dev/null 2>&1; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 0.1
	done
}
is_idle() { [ "$(sinfo -h -o %t)" = idle ]; }
until_so 30 is_idle || { echo "this Slurm does not come up here:"; tail -n 5 slurmctld.log slurmd.log slurmd.out; exit 77; }

# ---- the array ----------------------------------------------------------------------
cp "$top_srcdir/examples/slurm.sh" .
head -n 30 "$demo/test-opinion.jsonl" >questions.jsonl
options="-n 8 --samples 8 --temperature 1 --choices --system="
mkdir results bin
# Where jobs first run, the last questions do not come, so that each is ended with rows
# to keep.
cat >bin/syc-gen <<END
#!/bin/sh
i=\$SLURM_ARRAY_TASK_ID
echo \$\$ >pid.\$i
mkfifo begun.\$i 2>/dev/null || exec $(command -v syc-gen) "\$@"
n=\$#
while [ \$n -gt 1 ]; do
	set -- "\$@" "\$1"
	shift
	n=\$((n - 1))
done
{ head -n 20 "\$1"; exec sleep 60; } >begun.\$i &
shift
exec $(command -v syc-gen) "\$@" - <begun.\$i
END
chmod +x bin/syc-gen
# submit ARRAY [N]: and say its number; N shards.
submit() {
	PATH=$dir/bin:$PATH sbatch --parsable --array="$1" --cpus-per-task=1 --mem=100 --time=5 \
		slurm.sh "${2-3}" "${3-$model}" questions.jsonl "${4-results}" $options
}
is_gone() { [ -z "$(squeue -h -j "$1")" ]; }
finish() { until_so 60 is_gone "$1" || fail "still there: $(squeue)"; }
# state JOB_TASK WANT: as Slurm has it.
state() {
	found=$(scontrol show job "$1" | grep -oE '(JobState|Restarts|ExitCode)=[^ ]*' | paste -sd' ' -)
	[ "$found" = "$2" ] || fail "job $1: '$found', not '$2' ($(cat syc-gen-"$1".log))"
}

id=$(submit 1-3) || exit 99
# The second job's program is killed, the third is told that its time is over, the
# first's node goes down and comes back.
for i in 1 2 3; do
	until_so 60 test -s results/$i.jsonl.part || fail "shard $i has not begun: $(cat syc-gen-*.log)"
done
kill -KILL "$(cat pid.2)"
scancel --batch --signal=USR1 "${id}_3"
is_waiting() { [ "$(squeue -h -t PENDING -j "$id" | wc -l)" -eq "$1" ]; }
until_so 20 is_waiting 1 || fail "not requeued: $(squeue)"
scontrol update nodename=node state=down reason=test
until_so 20 is_waiting 2 || fail "not requeued: $(squeue)"
scontrol update nodename=node state=resume || fail "the node is $(sinfo -h -o %t)"

# While that one waits (Slurm has it wait until the node has forgotten it): one run,
# and what does not do.
beyond=$(export OFFSET=3; submit 1) nowhere=$(submit 1 3 /nowhere/model.gguf none)
mkdir none
head -n 20 "$demo/pairs.jsonl" >pairs.jsonl
run 0 syc-gen -q -m "$model" -t 2 $options -r one.npz -o one.jsonl questions.jsonl
run 0 syc-vec mean -q -m "$model" --system= -o v.gguf pairs.jsonl
# table FILE...: what the study is after.
table() {
	cat "$@" | syc-label -q | syc-score -q -d v.gguf | syc-fit -q -t 1 --tsv
}
table one.jsonl >one.tsv
[ "$(wc -l <one.tsv)" -gt 8 ] || fail "no table: $(cat one.tsv)"
finish "$beyond"
state "${beyond}_1" 'JobState=FAILED Restarts=0 ExitCode=2:0'
cp "syc-gen-${beyond}_1.log" err
misused "'4/3' is not I/N with I from 1 to N"
finish "$nowhere"
state "${nowhere}_1" 'JobState=FAILED Restarts=0 ExitCode=1:0'
cp "syc-gen-${nowhere}_1.log" err
says '/nowhere/model.gguf'
[ -z "$(ls none)" ] || fail "$(ls none)"

finish "$id"
state "${id}_1" 'JobState=COMPLETED Restarts=1 ExitCode=0:0'
state "${id}_2" 'JobState=FAILED Restarts=0 ExitCode=137:0'
state "${id}_3" 'JobState=COMPLETED Restarts=1 ExitCode=0:0'
[ -s results/2.jsonl.part ] && [ ! -e results/2.jsonl ] || fail "what was killed is not kept"

# All once more: what is complete stays, what is missing is made.
cksum results/[13].* >before
id=$(submit 1-3) || exit 99
finish "$id"
cksum results/[13].* >after
same before after "what was complete"
for i in 1 2 3; do
	state "${id}_$i" 'JobState=COMPLETED Restarts=0 ExitCode=0:0'
done
grep -q 'nothing to resume: results/1.jsonl is complete' "syc-gen-${id}_1.log" || fail "$(cat "syc-gen-${id}_1.log")"
grep -q 'going on after' "syc-gen-${id}_2.log" || fail "$(cat "syc-gen-${id}_2.log")"
grep -q 'DUE TO NODE FAILURE' syc-gen-*_1.log || fail "no node failed: $(cat syc-gen-*_1.log)"
absent results/*.part results/*.run

# ---- the results --------------------------------------------------------------------
table results/*.jsonl >many.tsv
same one.tsv many.tsv "tables"
plain() { sed 's/, "acts": {[^}]*}//' "$@" | sort; }
plain one.jsonl >a
plain results/*.jsonl >b
same a b "rows"

exit $failed
