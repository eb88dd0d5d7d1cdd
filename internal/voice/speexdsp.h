// The part of libspeexdsp's stable C ABI that this package uses. The library is looked for when the program runs, so that
// neither it nor its headers are needed to build.
#ifndef CRVIDEO_SPEEXDSP_H
#define CRVIDEO_SPEEXDSP_H

#include <stdint.h>

typedef struct SpeexPreprocessState SpeexPreprocessState;
typedef struct SpeexEchoState SpeexEchoState;

typedef struct voice voice;

// voice_load finds the library. It returns 0 if it is not there or lacks something.
int voice_load(void);

// voice_open makes the state for frames of so many samples, and an echo of at most tail samples. It returns NULL on failure.
voice *voice_open(int rate, int frame, int tail);
void voice_close(voice *v);

// voice_set turns the parts on and off. It returns 0 if the library cannot do what is asked for.
int voice_set(voice *v, int noise, int gain, int echo);

// voice_cancel takes the echo of play out of rec.
void voice_cancel(voice *v, const int16_t *rec, const int16_t *play, int16_t *out);
void voice_forget(voice *v);

// voice_run does the rest, in place.
void voice_run(voice *v, int16_t *pcm);

#endif
