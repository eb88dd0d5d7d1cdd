//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)))

#include "vpx_shim.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { VPX_DECODER_ABI = 12, VPX_I420 = 0x102, VPX_ERROR = 1 };

typedef struct { unsigned int threads, width, height; } vpx_config;

typedef struct {
  int format, color_space, range;
  unsigned int stored_width, stored_height, bit_depth, width, height, render_width, render_height, x_shift, y_shift;
  unsigned char *planes[4];
  int stride[4];
} vpx_image;

// The library's own context has seven words.
typedef struct { void *words[32]; } vpx_context;

struct vp8_decoder {
  vpx_context context;
  const vpx_image *picture;
};

static struct {
  const void *(*interface)(void);
  int (*init)(vpx_context *, const void *, const vpx_config *, long flags, int abi);
  int (*decode)(vpx_context *, const unsigned char *, unsigned int, void *, long);
  const vpx_image *(*frame)(vpx_context *, const void **);
  int (*destroy)(vpx_context *);
} vpx;

int vpx_load(const char *names) {
  void *lib = NULL;
  for (; *names && !lib; names += strlen(names) + 1) lib = dlopen(names, RTLD_NOW | RTLD_LOCAL);
  if (!lib) return 1;
  *(void **)&vpx.interface = dlsym(lib, "vpx_codec_vp8_dx");
  *(void **)&vpx.init = dlsym(lib, "vpx_codec_dec_init_ver");
  *(void **)&vpx.decode = dlsym(lib, "vpx_codec_decode");
  *(void **)&vpx.frame = dlsym(lib, "vpx_codec_get_frame");
  *(void **)&vpx.destroy = dlsym(lib, "vpx_codec_destroy");
  if (vpx.interface && vpx.init && vpx.decode && vpx.frame && vpx.destroy) return 0;
  dlclose(lib);
  return 1;
}

vp8_decoder *vp8_decoder_new(int *status) {
  vp8_decoder *d = calloc(1, sizeof *d);
  if (!d) return NULL;
  vpx_config config = {1, 0, 0};
  *status = vpx.init(&d->context, vpx.interface(), &config, 0, VPX_DECODER_ABI);
  if (*status == 0) return d;
  free(d);
  return NULL;
}

int vp8_decode(vp8_decoder *d, const unsigned char *data, int len, int *size) {
  size[0] = size[1] = 0;
  d->picture = NULL;
  int status = vpx.decode(&d->context, data, (unsigned int)len, NULL, 0);
  if (status != 0) return status;
  const void *iter = NULL;
  d->picture = vpx.frame(&d->context, &iter);
  if (!d->picture) return 0;
  if (d->picture->format != VPX_I420) return VPX_ERROR;
  size[0] = (int)d->picture->width, size[1] = (int)d->picture->height;
  return 0;
}

static void copy_plane(unsigned char *dst, int dst_stride, const unsigned char *src, int src_stride, int w, int h) {
  for (int y = 0; y < h; y++) memcpy(dst + (ptrdiff_t)y * dst_stride, src + (ptrdiff_t)y * src_stride, (size_t)w);
}

void vp8_picture(vp8_decoder *d, unsigned char *y, unsigned char *cb, unsigned char *cr, int y_stride, int c_stride) {
  const vpx_image *p = d->picture;
  int w = (int)p->width, h = (int)p->height;
  copy_plane(y, y_stride, p->planes[0], p->stride[0], w, h);
  copy_plane(cb, c_stride, p->planes[1], p->stride[1], (w + 1) / 2, (h + 1) / 2);
  copy_plane(cr, c_stride, p->planes[2], p->stride[2], (w + 1) / 2, (h + 1) / 2);
}

void vp8_decoder_free(vp8_decoder *d) {
  vpx.destroy(&d->context);
  free(d);
}
