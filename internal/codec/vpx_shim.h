// The part of the C ABI of libvpx that this package uses. The library is loaded when a decoder is wanted, so neither its
// headers nor the library are needed to build. Names are ours; order, types and sizes are the library's, which refuses
// to start when they are not (VPX_DECODER_ABI_VERSION).
#ifndef CRVIDEO_VPX_SHIM_H
#define CRVIDEO_VPX_SHIM_H

typedef struct vp8_decoder vp8_decoder;

// vpx_load finds the library in one of the files, whose names end with 0 each and the last one with another 0. It
// returns 0 if it is there with all that is needed of it.
int vpx_load(const char *names);

vp8_decoder *vp8_decoder_new(int *status);
// vp8_decode decodes one frame; size gets width and height of the picture, or zeros. It returns the library's status.
int vp8_decode(vp8_decoder *d, const unsigned char *data, int len, int *size);
// vp8_picture copies the picture out.
void vp8_picture(vp8_decoder *d, unsigned char *y, unsigned char *cb, unsigned char *cr, int y_stride, int c_stride);
void vp8_decoder_free(vp8_decoder *d);

#endif
