#pragma once
#include <cstddef>
#include <cstdint>

namespace calotype::networks::cuda {

// What a plugin of networks calls of sdxl_cuda.so: a table of functions on pointers into the device's memory, sizes and
// a stream. No type of libtorch is in it, so that neither the kernels nor their callers include the other's headers.
//
// Every function that launches only queues work on `stream`, a cudaStream_t of the current device, and returns a
// cudaError_t, 0 for none. Numbers are computed in float32 and rounded once. Arrays are dense; where they begin at a
// multiple of 16 bytes and the channels fill 16 bytes they are read 16 bytes at a time, else number by number: any
// count of channels is right.

enum class NumberFormat : int32_t { kFloat32, kFloat16, kBFloat16 };

/// GroupNorm of images [images,positions,channels], which is [N,C,H,W] in channels_last.
struct GroupNormCall {
  NumberFormat format;
  int64_t images, places, channels, groups;
  double epsilon;
  bool silu;                  ///< of the result
  const void* source;         ///< [images,positions,channels]
  const void* added;          ///< [images,channels], added at each position before; or null
  const void *weight, *bias;  ///< [channels]
  float* workspace;           ///< of group_norm_workspace(call) numbers
  void* result;               ///< [images,positions,channels], not source
};

/// LayerNorm of rows [rows,channels]; of source + onto where `onto` is there, which is written to `sum` and rounded
/// before.
struct LayerNormCall {
  NumberFormat format;
  int64_t rows, channels;
  double epsilon;
  const void *source, *onto;  ///< [rows,channels]; onto or null
  const void *weight, *bias;  ///< [channels]
  void *sum, *result;         ///< [rows,channels]; sum where onto is there, and may be source or onto
};

/// a * gelu(b) of rows [a,b] with their bias added, gelu the exact one.
struct GegluCall {
  NumberFormat format;
  int64_t rows, channels;
  const void* source;  ///< [rows,2*channels]
  const void* bias;    ///< [2*channels] or null
  void* result;        ///< [rows,channels]
};

/// source + bias + onto.
struct ResidualCall {
  NumberFormat format;
  int64_t rows, channels;
  const void *source, *onto;  ///< [rows,channels]
  const void* bias;           ///< [channels] or null
  void* result;               ///< [rows,channels]; may be source or onto
};

constexpr int kMostTerms = 16;

/// The sum of coefficients[i] * terms[i], all float32: what a sampler does between the network's calls.
struct CombineCall {
  int64_t count;  ///< numbers in each
  int32_t term_count;
  const float* terms[kMostTerms];
  float coefficients[kMostTerms];
  float* result;  ///< may be one of the terms
};

/// Latents as the network is shown them: source * factor in its format, `copies` times one after the other.
struct ScaledCall {
  NumberFormat format;
  int64_t images, places, channels;
  int32_t copies;
  float factor;
  const float* source;  ///< [images,channels,positions]
  void* result;         ///< [copies*images,positions,channels]
};

/// Clean latents of the network's output: of_x * x + of_output * (negative + guidance_scale * (positive - negative)).
struct DenoisedCall {
  NumberFormat format;  ///< of output
  int64_t images, places, channels;
  float of_x, of_output, guidance_scale;
  bool is_guided;      ///< else the output is of one prompt
  const float* x;      ///< [images,channels,positions]
  const void* output;  ///< [images,positions,channels], or twice as many images: all negative ones first
  float* result;       ///< [images,channels,positions]; may be x
};

/// Rows in a byte for each number, e4m3 or int8, of which result * scales[row] is nearest to source.
struct ByteRowsCall {
  NumberFormat format;  ///< of source
  int64_t rows, channels;
  const void* source;  ///< [rows,channels]
  void* result;        ///< [rows,channels] of a byte each
  float* scales;       ///< [rows]
};

/// What is left of a layer after the product of int8 rows: number * row_scales[row] * scales[output] + bias, gated a *
/// gelu(b) of the two halves, + onto.
struct Int8EndCall {
  NumberFormat format;  ///< of bias, onto and result
  int64_t rows, channels;
  bool is_gated;            ///< the product has [a,b] side by side, 2*channels of a row
  const int32_t* product;   ///< [rows,channels], gated [rows,2*channels]
  const float* row_scales;  ///< [rows]
  const float* scales;      ///< [channels], gated [2*channels]
  const void* bias;         ///< the same, or null
  const void* onto;         ///< [rows,channels] or null
  void* result;             ///< [rows,channels]; may be onto
};

enum class ByteFormat : int32_t { kE4m3, kInt8 };

/// Where a kernel writes what it computes, rounded to its format first, as ByteRowsCall says.
struct ByteRows {
  ByteFormat format;
  void* bytes;    ///< [rows,channels]
  float* scales;  ///< [rows]
};

/// LayerNorm whose result is bytes; norm.result is not written.
struct LayerNormBytesCall {
  LayerNormCall norm;
  ByteRows rows;
};

/// GEGLU whose result is bytes; geglu.result is not written.
struct GegluBytesCall {
  GegluCall geglu;
  ByteRows rows;
};

/// The end of a gated layer in int8 whose result is bytes; end.onto is null, and end.result is not written.
struct Int8EndBytesCall {
  Int8EndCall end;
  ByteRows rows;
};

/// A recorded graph: what was queued on a stream between begin and end.
struct Graph;

/// Where a function on a graph says why it failed: text with a 0 at its end, cut off to `room`.
struct Failure {
  char* text;
  size_t room;
};

/// Members are only ever added, at the end.
struct Library {
  uint32_t size;  ///< sizeof(Library) of the one who built the library
  int32_t (*group_norm)(const GroupNormCall*, void* stream);
  int64_t (*group_norm_workspace)(const GroupNormCall*);
  int32_t (*layer_norm)(const LayerNormCall*, void* stream);
  int32_t (*geglu)(const GegluCall*, void* stream);
  int32_t (*residual)(const ResidualCall*, void* stream);
  const char* (*error_text)(int32_t cudaError);

  // Graphs: on the current device and libtorch's current stream, which for begin and end is one and the same, not the
  // default one. False: failed, and `why` says how.
  /// An empty graph. Its memory is of the same pool as `neighbour`'s, or of a new one for null: graphs of one pool are
  /// replayed one after the other, never at the same time, and none's memory outlives its replay but for what was not
  /// freed.
  Graph* (*graph_new)(const Graph* neighbour);
  void (*graph_delete)(Graph*);
  bool (*graph_begin)(Graph*, Failure why);
  /// After a failure the stream is as it was before begin.
  bool (*graph_end)(Graph*, Failure why);
  bool (*graph_replay)(Graph*, Failure why);

  int32_t (*combine)(const CombineCall*, void* stream);
  int32_t (*scaled)(const ScaledCall*, void* stream);
  int32_t (*denoised)(const DenoisedCall*, void* stream);
  int32_t (*fp8_rows)(const ByteRowsCall*, void* stream);
  /// Of that GPU, 89 for 8.9; 0 where it cannot be told.
  int32_t (*compute_capability)(int32_t device);

  /// So many bytes of the host's memory, of the current device, which a GPU copies from while the host goes on. Other
  /// than 0: why there is none, see kOutOfMemory.
  int32_t (*pinned_new)(size_t bytes, void** memory);
  /// Not before the last copy from it is done.
  void (*pinned_delete)(void* memory);

  int32_t (*int8_rows)(const ByteRowsCall*, void* stream);
  int32_t (*int8_end)(const Int8EndCall*, void* stream);

  int32_t (*layer_norm_bytes)(const LayerNormBytesCall*, void* stream);
  int32_t (*geglu_bytes)(const GegluBytesCall*, void* stream);
  int32_t (*int8_end_bytes)(const Int8EndBytesCall*, void* stream);
};

/// cudaErrorMemoryAllocation
constexpr int32_t kOutOfMemory = 2;

/// The name of the one symbol, and its type.
constexpr const char* kLibrarySymbol = "calotype_sdxl_cuda";
using GetLibrary = const Library*();

}  // namespace calotype::networks::cuda
