#pragma once
#include "queue.h"
#include "streams.h"

namespace stand_in {

/// Adds what is queued on a stream that is being captured, and runs it once, so that its results' shapes are known.
void record(Capture& capture, Task task);

}  // namespace stand_in
