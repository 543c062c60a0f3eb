#!/bin/sh
# SPDX-License-Identifier: MIT
# Many questions through a model on machines that GNU parallel reaches by ssh:
#
#     HOSTS=a,b,c parallel.sh 30 model.gguf questions.jsonl out -n 64
#     cat out/*.jsonl | syc-label | syc-score -d vector.gguf | syc-fit
#
# Shard I of 30 is every 30th question, beginning with the I-th; its answers go to
# out/I.jsonl and activations to out/I.npz, and options behind the folder are
# syc-gen's.  The folder that this is begun in is on all machines under one name.  Without
# HOSTS all is done here; ":" among them is this machine.  JOBS (1) of THREADS (all) each
# run on a machine at once: one for each socket, since every job holds the model.
# What fails is tried once more, on another machine if there is one.  The status is
# the number of shards that are not made; the same command again makes these.
set -eu
n=$1 model=$2 questions=$3 out=$4
shift 4
mkdir -p "$out"
seq "$n" | parallel --quote --jobs "${JOBS-1}" --retries 2 \
	${HOSTS:+--sshlogin "$HOSTS" --workdir "$PWD" --env PATH} \
	syc-gen -m "$model" ${THREADS:+-t "$THREADS"} --shard "{}/$n" --resume \
	-r "$out/{}.npz" -o "$out/{}.jsonl" "$@" "$questions"
