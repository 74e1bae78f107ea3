#pragma once
#include "stand_in.h"

namespace stand_in {

// Pinned memory: a copy of it that is queued is read or written when the stream comes to it. Here that is at once;
// until the host has waited, its pages are shut, so that a host that does not wait is caught where it writes what is
// yet to be read, or reads what is yet to be written.

bool is_pinned(const void* p);
/// Work that is queued now may use it, in this moment.
void open_pinned(const Range& range);
/// Shut to the host (to writes alone, where the work only reads) until it knows that `stream` has passed `time`.
void shut_pinned(const Range& range, int stream, uint32_t time);
/// After the host has waited.
void open_what_is_over();
/// Of a signal: whether it was for such a page, which was reported and opened.
bool is_touch_of_pinned(const void* address);

}  // namespace stand_in
