// Ends of rows. Part of each_instruction_set.h.

namespace calotype::networks::cpu::CALOTYPE_SET {

/// The first `count` numbers at p, of which all beyond kLanes are left; in the place of missing ones is 0.
template <class V, class T>
CALOTYPE_INLINE V load_up_to(int64_t count, const T* p) {
  if (count >= V::kLanes) return V::load(p);
  if constexpr (!std::is_same_v<V, Vector>) {
    return V::of([=](int i) { return load_up_to<Vector>(count - i * Vector::kLanes, p + i * Vector::kLanes); });
  } else if constexpr (V::kMasks) {
    return count > 0 ? V::load_some(p, count) : V::all(0);
  } else {
    T all[Vector::kLanes] = {};
    for (int64_t i = 0; i < count; ++i) all[i] = p[i];
    return Vector::load(all);
  }
}

template <class V, class T>
CALOTYPE_INLINE void store_up_to(int64_t count, const V& x, T* p) {
  if (count >= V::kLanes) return x.store(p);
  if constexpr (!std::is_same_v<V, Vector>) {
#pragma GCC unroll 4
    for (int i = 0; i < V::kParts; ++i) store_up_to(count - i * Vector::kLanes, x.part[i], p + i * Vector::kLanes);
  } else if constexpr (V::kMasks) {
    if (count > 0) x.store_some(p, count);
  } else {
    T all[Vector::kLanes];
    x.store(all);
    for (int64_t i = 0; i < count; ++i) p[i] = all[i];
  }
}

}  // namespace calotype::networks::cpu::CALOTYPE_SET
