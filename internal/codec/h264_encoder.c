//go:build cgo && ((linux && (amd64 || arm64 || arm)) || (darwin && (amd64 || arm64)) || (windows && amd64))

#include "h264_shim.h"

#include <stdlib.h>
#include <string.h>

struct h264_encoder {
  oh_encoder *engine;
  oh_bitstream out;
  int width, height;
};

int h264_supported(oh_version *v) {
  memset(v, 0, sizeof *v);
  WelsGetCodecVersionEx(v);
  return v->major == 2 && v->minor == 1;
}

h264_encoder *h264_encoder_new(int width, int height, int fps, int bitrate, int key_interval, int *status) {
  h264_encoder *e = calloc(1, sizeof *e);
  if (!e) return NULL;
  e->width = width, e->height = height;
  *status = WelsCreateSVCEncoder(&e->engine);
  if (*status != 0 || !e->engine) {
    free(e);
    return NULL;
  }
  int quiet = 0;
  (*e->engine)->set_option(e->engine, OH_ENC_TRACE_LEVEL, &quiet);

  oh_encoder_params p;
  memset(&p, 0, sizeof p);
  *status = (*e->engine)->default_params(e->engine, &p);
  p.usage = OH_CAMERA_REAL_TIME;
  p.width = width;
  p.height = height;
  p.max_fps = fps;
  p.bitrate = bitrate;
  p.max_bitrate = 0; // no limit beside the target: SetBitrate may go up
  p.rc_mode = OH_RC_BITRATE;
  p.frame_skip = true;
  p.intra_period = key_interval;
  p.parameter_set_strategy = 0; // the same ids in every key frame
  p.threads = 1;                // a call sends many small pictures: threads cost more than they give
  p.scene_change = false;       // a key frame comes when asked for, not when the scene changes
  p.spatial_layers = 1;
  p.temporal_layers = 1;
  oh_layer_params *l = &p.layers[0];
  l->width = width;
  l->height = height;
  l->fps = fps;
  l->bitrate = bitrate;
  l->max_bitrate = 0;
  l->profile = OH_PROFILE_BASELINE;
  l->slices.mode = OH_SLICE_SINGLE;
  l->slices.num = 1;
  if (*status == 0) *status = (*e->engine)->initialize_ext(e->engine, &p);
  if (*status != 0) {
    WelsDestroySVCEncoder(e->engine);
    free(e);
    return NULL;
  }
  return e;
}

int h264_encode(h264_encoder *e, unsigned char *y, unsigned char *cb, unsigned char *cr, int y_stride, int c_stride,
                int force_key, long long ms, int *key) {
  oh_picture pic;
  memset(&pic, 0, sizeof pic);
  pic.format = OH_FORMAT_I420;
  pic.width = e->width, pic.height = e->height;
  pic.data[0] = y, pic.data[1] = cb, pic.data[2] = cr;
  pic.stride[0] = y_stride, pic.stride[1] = pic.stride[2] = c_stride;
  pic.timestamp = ms;
  if (force_key) (*e->engine)->force_intra(e->engine, true, -1);
  e->out.layer_count = 0;
  int rv = (*e->engine)->encode(e->engine, &pic, &e->out);
  *key = e->out.frame_type == OH_FRAME_IDR;
  if (rv != 0) {
    e->out.layer_count = 0;
    return rv < 0 ? rv : -rv;
  }
  if (e->out.frame_type == OH_FRAME_SKIP) {
    e->out.layer_count = 0;
    return 0;
  }
  int size = 0;
  for (int i = 0; i < e->out.layer_count; i++)
    for (int n = 0; n < e->out.layers[i].nal_count; n++) size += e->out.layers[i].nal_length[n];
  return size;
}

void h264_take(h264_encoder *e, unsigned char *dst) {
  for (int i = 0; i < e->out.layer_count; i++) {
    oh_layer *l = &e->out.layers[i];
    int size = 0;
    for (int n = 0; n < l->nal_count; n++) size += l->nal_length[n];
    memcpy(dst, l->data, size);
    dst += size;
  }
}

int h264_set_bitrate(h264_encoder *e, int bitrate) {
  oh_bitrate b = {OH_LAYER_ALL, bitrate};
  return (*e->engine)->set_option(e->engine, OH_ENC_BITRATE, &b);
}

void h264_encoder_free(h264_encoder *e) {
  (*e->engine)->uninitialize(e->engine);
  WelsDestroySVCEncoder(e->engine);
  free(e);
}
