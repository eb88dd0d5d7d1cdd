// The part of libopus' stable C ABI that this package uses, declared here because the library comes without headers in a search path.
#ifndef CRVIDEO_OPUS_SHIM_H
#define CRVIDEO_OPUS_SHIM_H

#include <stdint.h>

typedef struct OpusEncoder OpusEncoder;
typedef struct OpusDecoder OpusDecoder;

enum { OPUS_VOIP = 2048 };
enum { OPUS_BITRATE = 4002, OPUS_INBAND_FEC = 4012, OPUS_PACKET_LOSS = 4014, OPUS_DTX = 4016 };

OpusEncoder *opus_encoder_create(int32_t rate, int channels, int application, int *error);
int32_t opus_encode(OpusEncoder *, const int16_t *pcm, int samples, unsigned char *out, int32_t size);
void opus_encoder_destroy(OpusEncoder *);
int opus_encoder_ctl(OpusEncoder *, int request, ...);

OpusDecoder *opus_decoder_create(int32_t rate, int channels, int *error);
int opus_decode(OpusDecoder *, const unsigned char *packet, int32_t size, int16_t *pcm, int samples, int fec);
void opus_decoder_destroy(OpusDecoder *);
const char *opus_strerror(int error);

// cgo does not call functions with a variable number of arguments.
static inline int opus_set(OpusEncoder *e, int request, int32_t value) { return opus_encoder_ctl(e, request, value); }

// A null packet asks for concealment.
static inline int opus_conceal(OpusDecoder *d, int16_t *pcm, int samples) { return opus_decode(d, 0, 0, pcm, samples, 0); }

// What a packet holds of the one before it.
static inline int opus_recover(OpusDecoder *d, const unsigned char *next, int32_t size, int16_t *pcm, int samples) {
	return opus_decode(d, next, size, pcm, samples, 1);
}

#endif
