#!/bin/sh
# SPDX-License-Identifier: MIT
# Many questions through a model as an array of Slurm jobs:
#
#     mkdir out
#     sbatch --array=1-100 slurm.sh 100 model.gguf questions.jsonl out -n 64
#     cat out/*.jsonl | syc-label | syc-score -d vector.gguf | syc-fit
#
# Job I of 100 answers every 100th question, beginning with the I-th, into
# out/I.jsonl, and records into out/I.npz; options behind the folder are syc-gen's.
# A job that is requeued (its node is lost, it is preempted, its time is nearly over)
# goes on where it was, and one that is complete does nothing: the same sbatch again
# makes what is missing, whatever was the reason, and --array=7,12 those two alone.
# Arrays end at 1000 where MaxArraySize is as Slurm has it: with OFFSET=1000 in the
# environment the first job is the 1001st.  syc-gen --show-prompt estimates the memory.
#SBATCH --job-name=syc-gen
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --time=04:00:00
#SBATCH --requeue
#SBATCH --signal=B:USR1@120
#SBATCH --output=syc-gen-%A_%a.log
#SBATCH --open-mode=append
set -eu
n=$1 model=$2 questions=$3 out=$4
shift 4
shard=$((SLURM_ARRAY_TASK_ID + ${OFFSET-0})) requeued=
# By its number in the array: that of the last job is that of the whole array.
trap 'requeued=yes; scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"' USR1

syc-gen -m "$model" -t "$SLURM_CPUS_PER_TASK" --shard "$shard/$n" --resume \
	-r "$out/$shard.npz" -o "$out/$shard.jsonl" "$@" "$questions" &
# A shell hears signals while it waits, not while a program runs before it.
status=0
wait $! || status=$?
[ -z "$requeued" ] || wait	# until Slurm ends both
exit $status
