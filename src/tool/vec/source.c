/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "tool/common/fail.h"
#include "tool/vec/source.h"

void vec_source_begin(struct vec_source *s, const struct tool *t, const struct opt_values *c, int argc)
{
	s->acts = calloc((size_t)argc + 1, sizeof(*s->acts));
	if (!s->acts) {
		tool_warn(t, "out of memory");
		exit(1);
	}
	s->in.tool = t;
	s->in.common = c;
	s->in.load = &s->load;
	s->in.second = &s->second;
	s->in.acts = s->acts;
	s->n_components = 1;
}

static int64_t token_of(const struct tool *t, const char *arg)
{
	if (arg[0] == '-')
		return -(int64_t)opt_whole(t, "token", arg + 1, 1, 1u << 24);
	return (int64_t)opt_whole(t, "token", arg, 0, 1u << 24);
}

/* Nothing stands for --read=last of earlier versions, which is to have no option. */
static enum syc_read parse_position(const struct tool *t, const char *arg)
{
	return arg[0] ? SYC_READ_LAST + opt_enum(t, "position", arg, syc_read_names + SYC_READ_LAST, 4) : SYC_READ_END;
}

static bool recipe_opt(const struct tool *t, struct syc_recipe *r, int key, const char *arg)
{
	switch (key) {
	case VEC_KEY_NORMALIZE:
		r->normalize = (enum syc_normalize)opt_enum(t, "normalize", arg, syc_normalize_names, 3);
		break;
	case VEC_KEY_BALANCE: r->balance = true; break;
	case VEC_KEY_CENTER: r->center = (enum syc_center)opt_enum(t, "center", arg, syc_center_names, 3); break;
	case VEC_KEY_SHRINKAGE:
		r->shrinkage = opt_num(t, "shrinkage", arg, 0, 1);
		r->shrinkage_given = true;
		break;
	case VEC_KEY_LAMBDA: r->lambda = opt_num(t, "lambda", arg, 1e-12, 1e12); break;
	case VEC_KEY_FOLDS: r->folds = (size_t)opt_whole(t, "folds", arg, 2, 1000); break;
	default: return false;
	}
	return true;
}

bool vec_source_opt(const struct tool *t, struct vec_source *s, int key, char *arg)
{
	switch (key) {
	case 'r': s->acts[s->in.n_acts++] = arg; break;
	case VEC_KEY_POSITION: s->in.read = parse_position(t, arg); break;
	case VEC_KEY_TOKEN:
		s->in.read = SYC_READ_TOKEN;
		s->in.token = token_of(t, arg);
		break;
	case VEC_KEY_LAYERS: s->in.layers = arg; break;
	case VEC_KEY_KEEP_GOING: s->in.keep_going = true; break;
	case VEC_KEY_CONTROL: s->control = arg; break;
	case VEC_KEY_COMPONENTS: s->n_components = (size_t)opt_whole(t, "control-components", arg, 1, 1000); break;
	case VEC_KEY_OTHER: s->other = arg; break;
	default: return recipe_opt(t, &s->recipe, key, arg) || load_opt(t, &s->load, key, arg);
	}
	return true;
}

void vec_source_check(struct vec_source *s, const struct tool *t, int argc, char **argv, int at)
{
	const bool models = s->in.kind == SYC_PAIRS_MODELS;
	const bool counts = s->in.read == SYC_READ_TOKEN && s->in.token >= 0;

	s->in.paths = argv + at;
	s->in.n_paths = argc - at;
	if (s->load.model && s->in.n_acts)
		tool_usage(t, "--model and --acts: pairs come from one of them");
	if (!s->load.model && !s->in.n_acts)
		tool_usage(t, "no model: give --model=PATH, or activations with --acts=FILE");
	if (s->in.n_acts && s->in.n_paths && !s->recipe.balance && !s->in.by && !counts)
		tool_usage(t, "'%s': with --acts, rows are for --balance, --by and --token alone", argv[at]);
	if (s->in.n_acts && !s->in.n_paths && (s->recipe.balance || s->in.by || counts))
		tool_usage(t, "--balance, --by and --token from the answer's beginning need the rows of syc-rec beside --acts");
	for (int i = at; s->in.n_acts && counts && i < argc; i++)
		if (strcmp(argv[i], "-") == 0)
			tool_usage(t, "rows are read twice for --token: give them as files");
	if (s->in.n_acts > 1 && s->in.n_paths)
		tool_usage(t, "rows go with one --acts");
	if (models && !s->other && s->load.n_lora)
		s->other = s->load.model;
	if (models && !s->other)
		tool_usage(t, "nothing to compare with: give --other=PATH, or an adapter with --lora");
	if (models && s->in.n_acts > 1)
		tool_usage(t, "give one --acts, and the other model's with --other");
	for (int i = 0; models && !s->in.n_acts && i < (s->in.n_paths ? s->in.n_paths : 1); i++)
		if (!s->in.n_paths || strcmp(s->in.paths[i], "-") == 0)
			tool_usage(t, "rows are read for each model: give them as files");
	s->second = s->load;
	s->second.model = s->other;
	s->second.n_lora = 0;
	s->in.second_acts = s->other;
}

void vec_source_end(struct vec_source *s)
{
	free(s->acts);
	s->acts = NULL;
}

/* Whether a file is an archive, which rows cannot be. */
static bool is_archive(const char *path)
{
	char head[4] = "";
	FILE *f = fopen(path, "rb");
	size_t n = f ? fread(head, 1, sizeof(head), f) : 0;

	if (f)
		fclose(f);
	return n == sizeof(head) && memcmp(head, "PK\3\4", 4) == 0;
}

int vec_source_control(struct syc_pairs *p, const struct vec_source *s, struct syc_err *err)
{
	struct syc_pairs_in in = s->in;
	char *path = (char *)s->control;

	*p = (struct syc_pairs){ .fd = -1 };
	in.kind = SYC_PAIRS_CONTROL;
	in.by = NULL;
	in.n_acts = is_archive(s->control);
	in.acts = &s->control;
	in.paths = &path;
	in.n_paths = !in.n_acts;
	if (!in.n_acts && !s->load.model)
		return fail(err, SYC_EINVAL, "%s: rows need a model (-m); control activations are an .npz of syc-rec",
			    s->control);
	return syc_pairs_open(p, &in, err);
}
