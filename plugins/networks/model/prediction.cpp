#include "networks/model/prediction.h"

#include <ATen/TensorOperators.h>

#include <cmath>

namespace calotype::networks {

CleanParts clean_parts(double sigma, Prediction prediction, double sigma_data) {
  if (prediction == Prediction::epsilon) return {1, -sigma};
  const double data = sigma_data * sigma_data, variance = sigma * sigma + data;
  const double scale = sigma * sigma_data / std::sqrt(variance);
  return {data / variance, prediction == Prediction::edm ? scale : -scale};
}

at::Tensor denoised(const at::Tensor& x, const at::Tensor& output, double sigma, Prediction prediction,
                    double sigma_data) {
  const auto [of_x, of_output] = clean_parts(sigma, prediction, sigma_data);
  return (of_x == 1 ? x : of_x * x) + of_output * output;
}

}  // namespace calotype::networks
