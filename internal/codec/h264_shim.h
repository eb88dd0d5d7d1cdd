#ifndef CRVIDEO_H264_SHIM_H
#define CRVIDEO_H264_SHIM_H

#include "openh264.h"

// The functions below take and return plain values only, so that no Go pointer is ever stored in C memory.

typedef struct h264_encoder h264_encoder;
typedef struct h264_decoder h264_decoder;

// h264_supported tells whether the library that was linked has the layout declared in openh264.h.
int h264_supported(oh_version *v);

h264_encoder *h264_encoder_new(int width, int height, int fps, int bitrate, int key_interval, int *status);
// h264_encode returns the size of the access unit, 0 when the picture was left out, negative on failure.
int h264_encode(h264_encoder *e, unsigned char *y, unsigned char *cb, unsigned char *cr, int y_stride, int c_stride,
                int force_key, long long ms, int *key);
// h264_take copies the last access unit to dst, which has room for its size.
void h264_take(h264_encoder *e, unsigned char *dst);
int h264_set_bitrate(h264_encoder *e, int bitrate);
void h264_encoder_free(h264_encoder *e);

h264_decoder *h264_decoder_new(int *status);
// h264_decode returns the library's state bits, 0 for success. On success size[0], size[1] are those of the picture, or 0.
int h264_decode(h264_decoder *d, const unsigned char *au, int len, int *size);
// h264_picture copies the last picture's planes without padding.
void h264_picture(h264_decoder *d, unsigned char *y, unsigned char *cb, unsigned char *cr, int y_stride, int c_stride);
void h264_decoder_free(h264_decoder *d);

#endif
