// The part of the C ABI of OpenH264 2.1 that this package uses, declared here because the library comes without headers in a
// search path. Names are ours; order, types and sizes are the library's. h264_supported() refuses any other version.
#ifndef CRVIDEO_OPENH264_H
#define CRVIDEO_OPENH264_H

#include <stdbool.h>

#define OH_MAX_LAYERS 4
#define OH_MAX_SLICES 35
#define OH_MAX_FRAME_LAYERS 128

enum { OH_CAMERA_REAL_TIME = 0 };
enum { OH_RC_BITRATE = 1 };
enum { OH_PROFILE_BASELINE = 66 };
enum { OH_SLICE_SINGLE = 0 };
enum { OH_FORMAT_I420 = 23 };
enum { OH_FRAME_IDR = 1, OH_FRAME_SKIP = 4 };
enum { OH_LAYER_ALL = 4 };
enum { OH_ENC_BITRATE = 5, OH_ENC_TRACE_LEVEL = 25 };
enum { OH_DEC_TRACE_LEVEL = 9 };
enum { OH_ERROR_CONCEAL_OFF = 0 };
enum { OH_BITSTREAM_AVC = 0 };

typedef struct { unsigned int major, minor, revision, reserved; } oh_version;

typedef struct {
  int mode;
  unsigned int num;
  unsigned int mb_num[OH_MAX_SLICES];
  unsigned int size_constraint;
} oh_slices;

typedef struct {
  int width, height;
  float fps;
  int bitrate, max_bitrate;
  int profile, level, qp;
  oh_slices slices;
  bool signal_type_present;
  unsigned char video_format;
  bool full_range, color_present;
  unsigned char primaries, transfer, matrix;
  bool aspect_present;
  int aspect;
  unsigned short aspect_width, aspect_height;
} oh_layer_params;

typedef struct {
  int usage, width, height, bitrate, rc_mode;
  float max_fps;
  int temporal_layers, spatial_layers;
  oh_layer_params layers[OH_MAX_LAYERS];
  int complexity;
  unsigned int intra_period;
  int ref_frames;
  int parameter_set_strategy;
  bool prefix_nal, ssei, simulcast_avc;
  int padding, entropy_coding;
  bool frame_skip;
  int max_bitrate, max_qp, min_qp;
  unsigned int max_nal_size;
  bool long_term_reference;
  int ltr_count;
  unsigned int ltr_period;
  unsigned short threads;
  bool load_balancing;
  int loop_filter_off, loop_filter_alpha, loop_filter_beta;
  bool denoise, background_detection, adaptive_quant, frame_cropping, scene_change;
  bool lossless_link;
} oh_encoder_params;

typedef struct {
  unsigned char temporal_id, spatial_id, quality_id;
  int frame_type;
  unsigned char layer_type;
  int sub_seq;
  int nal_count;
  int *nal_length;
  unsigned char *data;
} oh_layer;

typedef struct {
  int layer_count;
  oh_layer layers[OH_MAX_FRAME_LAYERS];
  int frame_type;
  int size;
  long long timestamp;
} oh_bitstream;

typedef struct {
  int format;
  int stride[4];
  unsigned char *data[4];
  int width, height;
  long long timestamp; // ms
} oh_picture;

typedef struct { int layer, bitrate; } oh_bitrate;

typedef struct { unsigned int size; int bitstream; } oh_video_property;

typedef struct {
  char *file_name;
  unsigned int cpu_load;
  unsigned char target_layer;
  int error_concealment;
  bool parse_only;
  oh_video_property property;
} oh_decoder_params;

typedef struct {
  int ready;
  unsigned long long in_timestamp, out_timestamp;
  int width, height, format, stride[2];
  unsigned char *planes[3];
} oh_output;

typedef const struct oh_encoder_table *oh_encoder;
struct oh_encoder_table {
  int (*initialize)(oh_encoder *, const void *);
  int (*initialize_ext)(oh_encoder *, const oh_encoder_params *);
  int (*default_params)(oh_encoder *, oh_encoder_params *);
  int (*uninitialize)(oh_encoder *);
  int (*encode)(oh_encoder *, const oh_picture *, oh_bitstream *);
  int (*parameter_sets)(oh_encoder *, oh_bitstream *);
  int (*force_intra)(oh_encoder *, bool, int layer); // the library's C declaration forgets the last argument
  int (*set_option)(oh_encoder *, int, void *);
  int (*get_option)(oh_encoder *, int, void *);
};

typedef const struct oh_decoder_table *oh_decoder;
struct oh_decoder_table {
  long (*initialize)(oh_decoder *, const oh_decoder_params *);
  long (*uninitialize)(oh_decoder *);
  void *decode_frame;
  int (*decode_no_delay)(oh_decoder *, const unsigned char *, int, unsigned char **, oh_output *);
  int (*decode2)(oh_decoder *, const unsigned char *, int, unsigned char **, oh_output *);
  void *flush_frame, *decode_parser, *decode_ex;
  long (*set_option)(oh_decoder *, int, void *);
  long (*get_option)(oh_decoder *, int, void *);
};

int WelsCreateSVCEncoder(oh_encoder **);
void WelsDestroySVCEncoder(oh_encoder *);
long WelsCreateDecoder(oh_decoder **);
void WelsDestroyDecoder(oh_decoder *);
void WelsGetCodecVersionEx(oh_version *);

#endif
