// Rows in e4m3, each scaled so that its largest number is the largest of e4m3.
#include "networks/kernels/cuda/byte_rows.cuh"
#include "networks/kernels/cuda/fp8.h"

namespace calotype::networks::cuda {

int32_t fp8_rows(const ByteRowsCall* call, void* stream) {
  return byte_rows<E4m3Row>(*call, cudaStream_t(stream));
}

}  // namespace calotype::networks::cuda
