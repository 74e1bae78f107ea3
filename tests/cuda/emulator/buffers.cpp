#include "buffers.h"

#include "launch.h"
#include "networks/kernels/cuda/group_norm.h"

namespace calotype::emulator {
namespace {

using namespace networks::cuda;

/// Of those that are there, with so many numbers of the format, of 4 bytes or of one.
class Buffers {
 public:
  explicit Buffers(NumberFormat format) : element_(format == NumberFormat::kFloat32 ? 4 : 2) {}
  Buffers& reads(const void*& p, int64_t count) { return add(p, count, false, element_); }
  Buffers& writes(void*& p, int64_t count) { return add(p, count, true, element_); }
  template <class T>
  Buffers& reads_long(const T*& p, int64_t count) {
    static_assert(sizeof(T) == 4);
    return add(p, count, false, 4);
  }
  Buffers& writes_floats(float*& p, int64_t count) { return add(p, count, true, sizeof(float)); }
  Buffers& writes_bytes(void*& p, int64_t count) { return add(p, count, true, 1); }
  /// Of a call that is part of this one.
  Buffers& and_those(std::vector<Range> others) {
    all_.insert(all_.end(), others.begin(), others.end());
    return *this;
  }
  std::vector<Range> all() { return std::move(all_); }

 private:
  template <class T>
  Buffers& add(T*& p, int64_t count, bool is_written, size_t element) {
    if (p) all_.push_back({p, size_t(count) * element, is_written, element});
    p = static_cast<T*>(const_cast<void*>(inside(p)));
    return *this;
  }
  size_t element_;
  std::vector<Range> all_;
};

}  // namespace

std::vector<Range> open_buffers(GroupNormCall& c) {
  const int64_t all = c.images * c.places * c.channels;
  return Buffers(c.format)
      .reads(c.source, all)
      .reads(c.added, c.images * c.channels)
      .reads(c.weight, c.channels)
      .reads(c.bias, c.channels)
      .writes_floats(c.workspace, group_norm_workspace(&c))
      .writes(c.result, all)
      .all();
}

std::vector<Range> open_buffers(LayerNormCall& c) {
  const int64_t all = c.rows * c.channels;
  return Buffers(c.format)
      .reads(c.source, all)
      .reads(c.onto, all)
      .reads(c.weight, c.channels)
      .reads(c.bias, c.channels)
      .writes(c.sum, all)
      .writes(c.result, all)
      .all();
}

std::vector<Range> open_buffers(GegluCall& c) {
  const int64_t all = c.rows * c.channels;
  return Buffers(c.format).reads(c.source, 2 * all).reads(c.bias, 2 * c.channels).writes(c.result, all).all();
}

std::vector<Range> open_buffers(ResidualCall& c) {
  const int64_t all = c.rows * c.channels;
  return Buffers(c.format)
      .reads(c.source, all)
      .reads(c.onto, all)
      .reads(c.bias, c.channels)
      .writes(c.result, all)
      .all();
}

std::vector<Range> open_buffers(CombineCall& c) {
  Buffers buffers(NumberFormat::kFloat32);
  for (int i = 0; i < c.term_count; ++i) buffers.reads_long(c.terms[i], c.count);
  return buffers.writes_floats(c.result, c.count).all();
}

std::vector<Range> open_buffers(ScaledCall& c) {
  const int64_t all = c.images * c.places * c.channels;
  return Buffers(c.format).reads_long(c.source, all).writes(c.result, c.copies * all).all();
}

std::vector<Range> open_buffers(DenoisedCall& c) {
  const int64_t all = c.images * c.places * c.channels;
  return Buffers(c.format)
      .reads_long(c.x, all)
      .reads(c.output, (c.is_guided ? 2 : 1) * all)
      .writes_floats(c.result, all)
      .all();
}

std::vector<Range> open_buffers(ByteRowsCall& c) {
  const int64_t all = c.rows * c.channels;
  return Buffers(c.format).reads(c.source, all).writes_bytes(c.result, all).writes_floats(c.scales, c.rows).all();
}

std::vector<Range> open_buffers(Int8EndCall& c) {
  const int64_t all = c.rows * c.channels, halves = c.is_gated ? 2 : 1;
  return Buffers(c.format)
      .reads_long(c.product, halves * all)
      .reads_long(c.row_scales, c.rows)
      .reads_long(c.scales, halves * c.channels)
      .reads(c.bias, halves * c.channels)
      .reads(c.onto, all)
      .writes(c.result, all)
      .all();
}

namespace {

std::vector<Range> open_rows(ByteRows& r, int64_t rows, int64_t channels) {
  return Buffers(NumberFormat::kFloat32).writes_bytes(r.bytes, rows * channels).writes_floats(r.scales, rows).all();
}

}  // namespace

std::vector<Range> open_buffers(LayerNormBytesCall& c) {
  return Buffers(c.norm.format)
      .and_those(open_buffers(c.norm))
      .and_those(open_rows(c.rows, c.norm.rows, c.norm.channels))
      .all();
}

std::vector<Range> open_buffers(GegluBytesCall& c) {
  return Buffers(c.geglu.format)
      .and_those(open_buffers(c.geglu))
      .and_those(open_rows(c.rows, c.geglu.rows, c.geglu.channels))
      .all();
}

std::vector<Range> open_buffers(Int8EndBytesCall& c) {
  return Buffers(c.end.format)
      .and_those(open_buffers(c.end))
      .and_those(open_rows(c.rows, c.end.rows, c.end.channels))
      .all();
}

}  // namespace calotype::emulator
