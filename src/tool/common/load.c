/* SPDX-License-Identifier: MIT */
#include "config.h"
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "tool/common/fail.h"
#include "tool/common/load.h"

/* A count of bytes with an optional K, M or G. */
static size_t bytes_arg(const struct tool *t, const char *opt, const char *arg)
{
	static const char units[] = "KMG";
	char *end;
	double v = strtod(arg, &end);
	const char *u = *end ? strchr(units, *end) : NULL;

	if (end == arg || (*end && (!u || end[1])) || !(v >= 0 && v < 1e15))
		tool_usage(t, "--%s: '%s' is not a number of bytes", opt, arg);
	for (long i = u ? u - units : -1; i >= 0; i--)
		v *= 1024;
	return v < 1 ? 1 : (size_t)v;	/* 0 would mean the default: too little either way */
}

/* "2/3": the second of three. */
static void shard_arg(const struct tool *t, struct load *l, const char *arg)
{
	char *end;
	unsigned long i = strtoul(arg, &end, 10), n = *end == '/' ? strtoul(end + 1, &end, 10) : 0;

	if (arg[0] < '0' || arg[0] > '9' || *end || i < 1 || i > n || n > 1000000)
		tool_usage(t, "--shard: '%s' is not I/N with I from 1 to N", arg);
	l->shard = (uint32_t)i;
	l->n_shards = (uint32_t)n;
}

/* "adapter", "adapter:0.5": what is no number behind a colon is part of the path. */
static void lora_arg(const struct tool *t, struct load *l, char *arg)
{
	char *colon = strrchr(arg, ':'), *end = arg;
	double scale = colon && colon[1] ? strtod(colon + 1, &end) : 1;

	if (l->n_lora == MAX_LORA)
		tool_usage(t, "--lora: more than %d adapters", MAX_LORA);
	if (end == arg || end == colon + 1 || *end)
		scale = 1;
	else
		*colon = 0;
	if (!*arg || !(fabs(scale) <= 1e6))
		tool_usage(t, "--lora: '%s' is not PATH or PATH:SCALE", arg);
	l->lora[l->n_lora++] = (struct syc_adapter){ arg, (float)scale };
}

bool load_opt(const struct tool *t, struct load *l, int key, char *arg)
{
	static const char *const computes[] = { "int8", "f32", "auto" };

	switch (key) {
	case 'm': l->model = arg; break;
	case OPT_COMPUTE: l->compute = (enum syc_compute)opt_enum(t, "compute", arg, computes, 3); break;
	case OPT_CHAT: l->chat = arg; break;
	case OPT_SYSTEM: l->system = arg; break;
	case OPT_NO_SPECIAL: l->no_special = true; break;
	case OPT_LORA: lora_arg(t, l, arg); break;
	case OPT_WINDOW:
		l->set_window = true;
		l->window = (uint32_t)opt_whole(t, "window", arg, 0, 1 << 24);
		break;
	case OPT_CTX: l->ctx = (uint32_t)opt_whole(t, "ctx", arg, 1, 1 << 24); break;
	case OPT_BATCH: l->batch = (uint32_t)opt_whole(t, "batch", arg, 1, 65536); break;
	case OPT_KV: l->kv_memory = bytes_arg(t, "kv-memory", arg); break;
	case OPT_SHARD: shard_arg(t, l, arg); break;
	case OPT_NO_SHARING: l->no_sharing = true; break;
	default: return false;
	}
	return true;
}

/* A path rather than a name. */
static bool is_chat_file(const char *arg)
{
	size_t n = strlen(arg);

	if (strchr(arg, '/') || (n > 5 && strcmp(arg + n - 5, ".chat") == 0))
		return true;
	return strcmp(arg, "none") != 0 && !syc_chat_find(arg) && access(arg, F_OK) == 0;
}

/* What --chat names: a format, one of a file (then *own, too), or NULL: none. */
static int read_chat(const char *arg, const struct syc_chat **chat, struct syc_chat **own,
		     struct syc_err *err)
{
	int ret;

	*own = NULL;
	*chat = syc_chat_find(arg);
	if (*chat || strcmp(arg, "none") == 0)
		return 0;
	if (!is_chat_file(arg))
		return fail(err, SYC_EINVAL, "--chat: '%.80s' is none of: %s, none; nor is there a file of that name",
			    arg, syc_chat_names());
	ret = syc_chat_read(own, arg, err);
	*chat = *own;
	return ret;
}

/* A mistake in --chat is better known before the model is loaded. */
static int check_chat(const struct load *l, struct syc_err *err)
{
	const struct syc_chat *chat;
	struct syc_chat *own = NULL;
	int ret = l->chat ? read_chat(l->chat, &chat, &own, err) : 0;

	syc_chat_free(own);
	return ret;
}

static void show_load(void *arg, uint64_t done, uint64_t total)
{
	progress_show(arg, done / 1000000, total ? (double)done / (double)total : -1);
}

int load_open(const struct tool *t, const struct opt_values *c, const struct load *l,
		  struct syc_model **m, struct syc_err *err)
{
	struct progress p;
	struct syc_model_opts o = {
		.compute = l->compute, .threads = c->threads, .cpu = c->cpu,
		.set_window = l->set_window, .window = l->window,
		.adapters = l->lora, .n_adapters = l->n_lora,
		.progress = show_load, .arg = &p,
	};
	const struct syc_config *cfg;
	int ret;

	if (!l->model)
		tool_usage(t, "no model: give --model=PATH");
	ret = check_chat(l, err);
	if (ret < 0)
		return ret;
	progress_begin(&p, t, c, "million weights");
	ret = syc_model_open(m, l->model, &o, err);
	progress_end(&p);
	if (ret < 0 || c->verbose < 1)
		return ret;
	cfg = syc_model_config(*m);
	tool_warn(t, "%s: %s, %" PRIu32 " layers, width %" PRIu32 ", %s on %s kernels, %zu MB of weights",
		 l->model, cfg->name[0] ? cfg->name : cfg->arch, cfg->n_layers, cfg->dim,
		 syc_compute_name(l->compute), syc_model_kernels(*m),
		 syc_model_memory(*m) / 1000000);
	tool_warn(t, "keys and values: at most %zu MB, %zu bytes per token",
		 (l->kv_memory ? l->kv_memory : syc_engine_fair_share()) / 1000000, syc_engine_kv_bytes(*m));
	return 0;
}

struct syc_engine_opts load_engine(const struct opt_values *c, const struct load *l)
{
	return (struct syc_engine_opts){
		.threads = c->threads, .n_ctx = l->ctx, .batch = l->batch, .kv_memory = l->kv_memory,
		.no_sharing = l->no_sharing,
	};
}

void load_say(const struct tool *t, const struct opt_values *c, const struct load *l,
		  const struct syc_engine *e, const char *jobs)
{
	struct syc_engine_stats st;

	if (c->verbose < 1)
		return;
	syc_engine_stats(e, &st);
	if (l->compute == SYC_COMPUTE_AUTO && st.sgemm_from)
		tool_warn(t, "steps of %zu tokens or more multiply in single precision", st.sgemm_from);
	else if (l->compute == SYC_COMPUTE_AUTO)
		tool_warn(t, "all steps multiply 8-bit integers: that is faster here");
	tool_warn(t, "%" PRIu64 " %s computed: %" PRIu64 " prompt tokens (%" PRIu64 " more were shared) and %"
		 PRIu64 " generated in %.2f s", st.n_jobs, jobs, st.n_prompt, st.n_shared, st.n_generated, st.seconds);
}

int load_run(const struct tool *t, const struct opt_values *c, const struct load *l,
		 const struct syc_model *m, const struct syc_engine_opts *eo,
		 const struct jobs *w, struct syc_err *err)
{
	struct syc_engine *e;
	int ret = syc_engine_new(&e, m, eo, err);

	if (ret < 0)
		return ret;
	progress_begin(w->progress, t, c, w->what);
	ret = syc_engine_run(e, w->next, w->done, w->drop, w->arg, err);
	progress_end(w->progress);
	load_say(t, c, l, e, w->jobs);
	syc_engine_free(e);
	return ret;
}

/* The name of a format that syc knows, the words of any other. */
static int describe_chat(const struct syc_chat *chat, struct syc_buf *out)
{
	struct syc_buf file = { 0 };
	const char *name = chat ? syc_chat_name(chat) : "none";
	int bad;

	if (*name)
		return syc_buf_printf(out, ", \"chat\": \"%s\"", name);
	bad = syc_chat_write(chat, &file);
	if (!bad)
		bad = syc_buf_puts(out, ", \"chat\": ") | syc_buf_json(out, file.data, file.len);
	syc_buf_free(&file);
	return bad;
}

int load_describe(const struct tool *t, const struct load *l, const struct syc_chat *chat,
		      struct syc_model *m, struct syc_buf *out)
{
	int bad;

	bad = syc_buf_printf(out, "\"program\": \"%s\", \"version\": \"%s\", \"model\": \"%s\", "
			     "\"compute\": \"%s\"", t->name, syc_version(),
			     syc_model_digest(m), syc_compute_name(l->compute));
	bad |= describe_chat(chat, out);
	if (l->set_window)
		bad |= syc_buf_printf(out, ", \"window\": %" PRIu32, l->window);
	if (l->system) {
		bad |= syc_buf_puts(out, ", \"system\": ");
		bad |= syc_buf_json(out, l->system, strlen(l->system));
	}
	if (l->no_special)
		bad |= syc_buf_puts(out, ", \"special\": false");
	return bad;
}

int syc_prompter_init(struct syc_prompter *p, const struct load *l, const struct syc_model *m,
		      struct syc_err *err)
{
	const char *tmpl;
	size_t len;

	*p = (struct syc_prompter){ .vocab = syc_model_vocab(m), .load = l };
	if (l->chat)
		return read_chat(l->chat, &p->chat, &p->own, err);
	tmpl = syc_vocab_chat_template(p->vocab, &len);
	p->chat = tmpl ? syc_chat_detect(tmpl, len) : NULL;
	return 0;
}

void syc_prompter_done(struct syc_prompter *p)
{
	syc_chat_free(p->own);
	*p = (struct syc_prompter){ 0 };
}

static const char *token_text(const struct syc_vocab *v, int32_t id, char *buf, size_t n)
{
	size_t len;
	const char *s = syc_vocab_piece(v, id, true, &len);

	snprintf(buf, n, "%.*s", s ? (int)len : 0, s ? s : "");
	return buf;
}

/* A conversation with --system in front when it has no system message. */
static int chat_text(const struct syc_prompter *p, const struct syc_prompt *in, bool *has_bos,
		     struct syc_buf *text, struct syc_spans *content, struct syc_err *err)
{
	bool add = p->load->system && strcmp(in->msg[0].role, "system") != 0;
	struct syc_msg *msg = calloc(in->n_msg + 1, sizeof(*msg));
	char bos[64], eos[64];
	int ret;

	if (!msg)
		return fail_nomem(err);
	msg[0] = (struct syc_msg){ "system", p->load->system };
	memcpy(msg + add, in->msg, in->n_msg * sizeof(*msg));
	ret = syc_chat_render(p->chat, token_text(p->vocab, syc_vocab_bos(p->vocab), bos, sizeof(bos)),
			      token_text(p->vocab, syc_vocab_eos(p->vocab), eos, sizeof(eos)),
			      msg, in->n_msg + add, has_bos, text, content, err);
	free(msg);
	return ret;
}

static bool is_chat(const struct syc_prompter *p, const struct syc_prompt *in)
{
	return in->msg && !(p->load->chat && strcmp(p->load->chat, "none") == 0);
}

static int prompt_text(const struct syc_prompter *p, const struct syc_prompt *in, bool *has_bos,
		       struct syc_buf *text, struct syc_spans *content, struct syc_err *err)
{
	size_t len;

	*has_bos = false;
	if (in->text)
		return syc_buf_puts(text, in->text) < 0 ? fail_nomem(err) : 0;
	if (is_chat(p, in) && p->chat)
		return chat_text(p, in, has_bos, text, content, err);
	if (is_chat(p, in))
		return fail(err, SYC_EUNSUPP, "%s: the model has %s chat template; give --chat (a file, %s, or none)",
				     p->load->model, syc_vocab_chat_template(p->vocab, &len) ? "an unknown" : "no",
				     syc_chat_names());
	if (in->n_msg != 1)
		return fail(err, SYC_EINVAL, "--chat=none takes one message, not %zu", in->n_msg);
	return syc_buf_puts(text, in->msg[0].content) < 0 ? fail_nomem(err) : 0;
}

int syc_prompter_given(const struct syc_prompter *p, const int32_t *id, size_t n,
		       struct syc_ids *ids, struct syc_err *err)
{
	size_t size = syc_vocab_size(p->vocab);

	for (size_t i = 0; i < n; i++)
		if (id[i] < 0 || (size_t)id[i] >= size)
			return fail(err, SYC_EINVAL, "token %" PRId32 " is not in the vocabulary of %zu", id[i], size);
	return syc_ids_add(ids, id, n) < 0 ? fail_nomem(err) : 0;
}

int syc_prompter_ids(const struct syc_prompter *p, const struct syc_prompt *in,
		     struct syc_ids *ids, struct syc_buf *text, struct syc_err *err)
{
	struct syc_buf own = { 0 };
	struct syc_spans content = { 0 };
	unsigned flags = SYC_TOK_BOS | SYC_TOK_SPECIAL;
	bool has_bos;
	int ret;

	if (in->ids) {
		ret = syc_prompter_given(p, in->ids, in->n_ids, ids, err);
		if (ret < 0)
			return ret;
		return text && syc_vocab_decode(p->vocab, in->ids, in->n_ids, true, false, text) < 0 ?
			fail_nomem(err) : 0;
	}
	ret = prompt_text(p, in, &has_bos, &own, &content, err);
	if (has_bos)
		flags &= ~(unsigned)SYC_TOK_BOS;
	if (p->load->no_special && !is_chat(p, in))
		flags &= ~(unsigned)SYC_TOK_SPECIAL;
	if (ret == 0)
		ret = syc_vocab_encode_plain(p->vocab, own.data ? own.data : "", own.len, flags,
					     p->load->no_special ? &content : NULL, ids, err);
	if (ret == 0 && text && syc_buf_add(text, own.data, own.len) < 0)
		ret = fail_nomem(err);
	syc_buf_free(&own);
	syc_spans_free(&content);
	return ret;
}

/* The prompt ends inside an answer. */
static bool goes_on(const struct syc_prompt *in)
{
	return strcmp(in->msg[in->n_msg - 1].role, "assistant") == 0;
}

/* Text of which the first bytes are the format's, the rest an answer's. */
static int encode_answer(const struct syc_prompter *p, const struct syc_buf *text, size_t from,
			 struct syc_ids *ids, struct syc_err *err)
{
	struct syc_span answer = { from, text->len };
	struct syc_spans plain = { &answer, 1, 1 };

	return syc_vocab_encode_plain(p->vocab, text->data, text->len, SYC_TOK_MIDDLE | SYC_TOK_SPECIAL,
				      &plain, ids, err);
}

int syc_prompter_answer(const struct syc_prompter *p, const struct syc_prompt *in,
			const char *answer, struct syc_ids *ids, struct syc_err *err)
{
	struct syc_buf text = { 0 };
	int ret = 0;

	if (is_chat(p, in) && !goes_on(in)) {
		answer += strspn(answer, " \t\n");
		if (p->chat)
			ret = syc_buf_puts(&text, syc_chat_answer_prefix(p->chat));
	}
	if (ret < 0 || syc_buf_puts(&text, answer) < 0)
		ret = fail_nomem(err);
	else
		ret = encode_answer(p, &text, text.len - strlen(answer), ids, err);
	syc_buf_free(&text);
	return ret;
}

size_t syc_shared_tokens(const struct syc_ids *answer, size_t n)
{
	for (size_t at = 0;; at++) {
		for (size_t i = 0; i < n; i++)
			if (at >= answer[i].n)
				return SIZE_MAX;
		for (size_t i = 1; i < n; i++)
			if (answer[i].id[at] != answer[0].id[at])
				return at;
	}
}
