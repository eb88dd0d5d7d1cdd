//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

#include "h264_shim.h"

#include <stdlib.h>
#include <string.h>

struct h264_decoder {
  oh_decoder *engine;
  oh_output out;
  unsigned char *planes[3];
};

h264_decoder *h264_decoder_new(int *status) {
  h264_decoder *d = calloc(1, sizeof *d);
  if (!d) return NULL;
  *status = (int)WelsCreateDecoder(&d->engine);
  if (*status != 0 || !d->engine) {
    free(d);
    return NULL;
  }
  int quiet = 0;
  (*d->engine)->set_option(d->engine, OH_DEC_TRACE_LEVEL, &quiet);
  oh_decoder_params p;
  memset(&p, 0, sizeof p);
  p.error_concealment = OH_ERROR_CONCEAL_OFF; // a broken picture is an error, not a grey one
  p.property.size = sizeof p.property;
  p.property.bitstream = OH_BITSTREAM_AVC;
  *status = (int)(*d->engine)->initialize(d->engine, &p);
  if (*status != 0) {
    WelsDestroyDecoder(d->engine);
    free(d);
    return NULL;
  }
  return d;
}

int h264_decode(h264_decoder *d, const unsigned char *au, int len, int *size) {
  size[0] = size[1] = 0;
  memset(&d->out, 0, sizeof d->out);
  memset(d->planes, 0, sizeof d->planes);
  int state = (*d->engine)->decode_no_delay(d->engine, au, len, d->planes, &d->out);
  if (state == 0 && d->out.ready == 1 && d->planes[0] && d->planes[1] && d->planes[2]) {
    size[0] = d->out.width;
    size[1] = d->out.height;
  }
  return state;
}

static void copy_plane(unsigned char *dst, int dst_stride, const unsigned char *src, int src_stride, int width, int height) {
  for (int i = 0; i < height; i++) memcpy(dst + i * dst_stride, src + i * src_stride, width);
}

void h264_picture(h264_decoder *d, unsigned char *y, unsigned char *cb, unsigned char *cr, int y_stride, int c_stride) {
  int w = d->out.width, h = d->out.height, cw = (w + 1) / 2, ch = (h + 1) / 2;
  copy_plane(y, y_stride, d->planes[0], d->out.stride[0], w, h);
  copy_plane(cb, c_stride, d->planes[1], d->out.stride[1], cw, ch);
  copy_plane(cr, c_stride, d->planes[2], d->out.stride[1], cw, ch);
}

void h264_decoder_free(h264_decoder *d) {
  (*d->engine)->uninitialize(d->engine);
  WelsDestroyDecoder(d->engine);
  free(d);
}
