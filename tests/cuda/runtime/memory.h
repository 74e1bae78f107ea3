#pragma once
#include <cstddef>

namespace stand_in {

/// Bytes of addresses that are kept for the memory of all devices.
size_t device_address_space();
/// Of an address of device memory in them.
size_t device_offset(const void* p);
/// The device that it is of; -1 for memory that is not allocated, or where the bytes are not all of one allocation.
int device_of_allocated(const void* data, size_t size);

}  // namespace stand_in
