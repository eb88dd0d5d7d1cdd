//go:build linux || darwin

#include "speexdsp.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>

enum {
	SET_DENOISE = 0, SET_AGC = 2, SET_ECHO_STATE = 24, SET_AGC_MAX_GAIN = 30, SET_AGC_TARGET = 46, // of the preprocessor
	SET_SAMPLING_RATE = 24, // of the echo canceller
};

static struct {
	SpeexPreprocessState *(*pre_init)(int, int);
	void (*pre_destroy)(SpeexPreprocessState *);
	int (*pre_run)(SpeexPreprocessState *, int16_t *);
	int (*pre_ctl)(SpeexPreprocessState *, int, void *);
	SpeexEchoState *(*echo_init)(int, int);
	void (*echo_destroy)(SpeexEchoState *);
	void (*echo_reset)(SpeexEchoState *);
	void (*echo_cancel)(SpeexEchoState *, const int16_t *, const int16_t *, int16_t *);
	int (*echo_ctl)(SpeexEchoState *, int, void *);
} lib;

int voice_load(void) {
	static const char *names[] = {
		"libspeexdsp.so.1", "libspeexdsp.1.dylib", "/opt/homebrew/lib/libspeexdsp.1.dylib", "/usr/local/lib/libspeexdsp.1.dylib",
	};
	void *so = NULL;
	for (size_t i = 0; i < sizeof names / sizeof *names && !so; i++) so = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
	if (!so) return 0;
	*(void **)&lib.pre_init = dlsym(so, "speex_preprocess_state_init");
	*(void **)&lib.pre_destroy = dlsym(so, "speex_preprocess_state_destroy");
	*(void **)&lib.pre_run = dlsym(so, "speex_preprocess_run");
	*(void **)&lib.pre_ctl = dlsym(so, "speex_preprocess_ctl");
	*(void **)&lib.echo_init = dlsym(so, "speex_echo_state_init");
	*(void **)&lib.echo_destroy = dlsym(so, "speex_echo_state_destroy");
	*(void **)&lib.echo_reset = dlsym(so, "speex_echo_state_reset");
	*(void **)&lib.echo_cancel = dlsym(so, "speex_echo_cancellation");
	*(void **)&lib.echo_ctl = dlsym(so, "speex_echo_ctl");
	return lib.pre_init && lib.pre_destroy && lib.pre_run && lib.pre_ctl && lib.echo_init && lib.echo_destroy &&
		lib.echo_reset && lib.echo_cancel && lib.echo_ctl;
}

struct voice {
	SpeexPreprocessState *pre;
	SpeexEchoState *echo;
};

voice *voice_open(int rate, int frame, int tail) {
	voice *v = calloc(1, sizeof *v);
	if (!v) return NULL;
	v->pre = lib.pre_init(frame, rate);
	v->echo = lib.echo_init(frame, tail);
	if (!v->pre || !v->echo) {
		voice_close(v);
		return NULL;
	}
	lib.echo_ctl(v->echo, SET_SAMPLING_RATE, &rate);
	int gain = 20; // dB: what is very soft is not made a roar
	lib.pre_ctl(v->pre, SET_AGC_MAX_GAIN, &gain);
	int target = 8000; // of 32768
	lib.pre_ctl(v->pre, SET_AGC_TARGET, &target);
	return v;
}

void voice_close(voice *v) {
	if (v->pre) lib.pre_destroy(v->pre);
	if (v->echo) lib.echo_destroy(v->echo);
	free(v);
}

int voice_set(voice *v, int noise, int gain, int echo) {
	int failed = lib.pre_ctl(v->pre, SET_DENOISE, &noise);
	failed |= lib.pre_ctl(v->pre, SET_AGC, &gain);
	failed |= lib.pre_ctl(v->pre, SET_ECHO_STATE, echo ? v->echo : NULL);
	return !failed;
}

void voice_cancel(voice *v, const int16_t *rec, const int16_t *play, int16_t *out) { lib.echo_cancel(v->echo, rec, play, out); }
void voice_forget(voice *v) { lib.echo_reset(v->echo); }
void voice_run(voice *v, int16_t *pcm) { lib.pre_run(v->pre, pcm); }
