#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "networks/files/tensor_sources.h"

namespace calotype::networks {

/// The shape that a network sees: a matrix may be stored as its transpose, or as a convolution of 1 x 1. `dimensions`
/// are the network's.
std::vector<int64_t> seen_shape(const TensorSource& source, size_t dimensions);

/// A tensor that a network has.
struct DeclaredTensor {
  std::vector<int64_t> shape;
  bool is_optional = false;  ///< whether a network may do without it
};

/// All tensors of one network under diffusers' names: what loading, the list of what is missing and the list of what is
/// unknown go by. Depths and widths come from the tensors that are there (and depths from the config where it says
/// more), all else follows from them: so a tensor that does not fit to the others, a layer or a bias that is missing
/// in between and one that nothing reads are each found before a weight is read.
class Declaration {
 public:
  using Tensors = std::map<std::string, DeclaredTensor>;
  const Tensors& tensors() const { return tensors_; }

  void tensor(const std::string& name, std::vector<int64_t> shape, bool is_optional = false);
  /// NAME.weight [out,in] and NAME.bias [out]
  void linear(const std::string& name, int64_t out, int64_t in, bool has_bias = true);
  /// NAME.weight [out,in,kernel,kernel] and NAME.bias [out]
  void convolution(const std::string& name, int64_t out, int64_t in, int64_t kernel);
  /// NAME.weight and NAME.bias [channels]
  void norm(const std::string& name, int64_t channels);

 private:
  Tensors tensors_;
};

/// What is there of a network whose declaration is being made.
class Found {
 public:
  explicit Found(const TensorSources& tensors) : tensors_(tensors) {}
  struct Dimension {
    std::string name;
    size_t dimension;
  };
  /// A dimension of a tensor; 0 where there is none.
  int64_t size(const std::string& name, size_t dimension) const;
  /// What most of them have, of those that are there; of equally many the first. So one tensor of another shape is
  /// found to be wrong, and not all others.
  int64_t agreed(const std::vector<Dimension>& dimensions) const;
  bool has(const std::string& name) const;
  /// Whether any name begins so.
  bool has_below(const std::string& prefix) const;
  /// One more than the highest number N below `most` of which a tensor "prefixN." is there, and at least `least`: a gap
  /// counts as there, so that what is missing in it is named.
  int count(const std::string& prefix, int least = 0, int most = 100) const;

 private:
  const TensorSources& tensors_;
};

}  // namespace calotype::networks
