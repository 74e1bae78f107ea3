// GroupNorm in two passes over numbers with the channels last. Part of each_instruction_set.h.
#include "networks/kernels/cpu/activations_body.h"
#include "networks/kernels/cpu/channel_moments_body.h"

namespace calotype::networks::cpu::CALOTYPE_SET {

/// The rows of one part of an image.
struct Part {
  int64_t image, begin, rows;

  Part(const GroupNormShape& shape, int64_t index) {
    const int64_t parts = group_norm_parts(shape), part = index % parts;
    image = index / parts;
    begin = shape.positions * part / parts;
    rows = shape.positions * (part + 1) / parts - begin;
  }
};

/// The moments of channels from `channel` on, as long as there are `vectors` vectors of them; then with fewer.
template <int vectors, class T>
void add_moments(const GroupNormShape& shape, const T* x, const T* add, int64_t rows, int64_t channel,
                 GroupMoments* groups) {
  constexpr int64_t kAtOnce = vectors * Vector::kLanes;
  const int64_t per_group = shape.channels / shape.groups;
  for (; shape.channels - channel >= (vectors > 1 ? kAtOnce : 1); channel += kAtOnce) {
    const int64_t count = std::min(kAtOnce, shape.channels - channel);
    const ChannelMoments<vectors> moments(x + channel, shape.channels, rows, count);
    float mean[kAtOnce], squares[kAtOnce];
    for (int j = 0; j < vectors; ++j) {
      moments.mean[j].store(mean + j * Vector::kLanes);
      moments.squares[j].store(squares + j * Vector::kLanes);
    }
    for (int64_t i = 0, group = channel / per_group, left = (group + 1) * per_group - channel; i < count; ++i) {
      const double all = mean[i] + double(add ? widened(add[channel + i]) : 0);
      groups[group].sum += double(rows) * all;
      groups[group].squares += double(rows) * all * all + double(squares[i]);
      if (--left == 0) left = per_group, ++group;
    }
  }
  if constexpr (vectors > 1) add_moments<vectors / 2>(shape, x, add, rows, channel, groups);
}

template <class T>
void group_norm_moments(const GroupNormShape& shape, const GroupNormOptions<T>& options, const T* x,
                        GroupMoments* moments, int64_t begin, int64_t end) {
  for (int64_t index = begin; index < end; ++index) {
    const Part part(shape, index);
    GroupMoments* groups = moments + index * shape.groups;
    std::fill_n(groups, shape.groups, GroupMoments{});
    const T* add = options.add ? options.add + part.image * shape.channels : nullptr;
    const T* rows = x + (part.image * shape.positions + part.begin) * shape.channels;
    add_moments<Vector::kLanes == 16 ? 8 : 4>(shape, rows, add, part.rows, 0, groups);
  }
}

constexpr int64_t kAffine = 512;  // channels

/// y = x * scale + shift for `count` channels from `first` on, at most kAffine.
struct Affine {
  float scale[kAffine], shift[kAffine];

  template <class T>
  Affine(const GroupNormShape& shape, const GroupNormOptions<T>& options, const GroupScale* groups, const T* add,
         int64_t first, int64_t count) {
    const int64_t per_group = shape.channels / shape.groups;
    for (int64_t i = 0, next; i < count; i = next) {
      const int64_t group = (first + i) / per_group;
      next = std::min(count, (group + 1) * per_group - first);
      std::fill(scale + i, scale + next, groups[group].factor);
      std::fill(shift + i, shift + next, -groups[group].mean);
    }
    for (int64_t i = 0; i < count; i += Vector::kLanes) {
      const auto of_channels = [&](const T* numbers) { return load_up_to<Vector>(count - i, numbers + first + i); };
      const Vector factor = Vector::load(scale + i) * of_channels(options.weight), minus_mean = Vector::load(shift + i);
      factor.store(scale + i);
      fma(add ? of_channels(add) + minus_mean : minus_mean, factor, of_channels(options.bias)).store(shift + i);
    }
  }
};

template <bool with_silu, class T>
void apply(const Affine& affine, const T* x, T* y, int64_t rows, int64_t count, int64_t stride) {
  for (int64_t row = 0; row < rows; ++row, x += stride, y += stride)
    for (int64_t i = 0; i < count; i += Wide::kLanes) {
      const Wide scale = Wide::load(affine.scale + i), shift = Wide::load(affine.shift + i);
      const Wide normal = fma(load_up_to<Wide>(count - i, x + i), scale, shift);
      store_up_to(count - i, with_silu ? silu<kAccuracy<T>>(normal) : normal, y + i);
    }
}

template <class T>
void group_norm(const GroupNormShape& shape, const GroupNormOptions<T>& options, const T* x, const GroupScale* scales,
                T* y, int64_t begin, int64_t end) {
  for (int64_t index = begin; index < end; ++index) {
    const Part part(shape, index);
    const T* add = options.add ? options.add + part.image * shape.channels : nullptr;
    for (int64_t first = 0; first < shape.channels; first += kAffine) {
      const int64_t count = std::min(kAffine, shape.channels - first);
      const int64_t at = (part.image * shape.positions + part.begin) * shape.channels + first;
      const Affine affine(shape, options, scales + part.image * shape.groups, add, first, count);
      if (options.silu)
        apply<true>(affine, x + at, y + at, part.rows, count, shape.channels);
      else
        apply<false>(affine, x + at, y + at, part.rows, count, shape.channels);
    }
  }
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
