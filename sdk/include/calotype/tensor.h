#pragma once
// The only SDK header that includes ATen. Code that includes it is tier 2: it is built for exactly the host's libtorch.
#include <ATen/core/Tensor.h>
#include <calotype/note.h>

#if !defined(CALOTYPE_TORCH_VERSION) || !defined(CALOTYPE_TORCH_GIT)
#error "link calotype::sdk_tensor: it names the libtorch that this is built for"
#endif

namespace calotype::note {

/// What a tier-2 entry requires of the host, as JSON members of its manifest. The host compares each with its own
/// build.
constexpr void write_host(Writer& w) {
  w.raw(",\"host\":{\"sdk\":\"" CALOTYPE_VERSION "\"");
  w.member("libtorch", CALOTYPE_TORCH_VERSION);
  w.member("libtorch_git", CALOTYPE_TORCH_GIT);
  w.key("cxx11_abi"), w.number(_GLIBCXX_USE_CXX11_ABI);
  w.key("compiler_abi"), w.number(__GXX_ABI_VERSION);
  w.key("cplusplus"), w.number(__cplusplus);
  w.key("tensor_impl_size"), w.number(sizeof(c10::TensorImpl));
  w.put('}');
}
struct HostText {
  char text[512]{};
  size_t size = 0;
  constexpr operator std::string_view() const { return {text, size}; }
};
constexpr HostText make_host_text() {
  HostText t;
  Writer w{t.text};
  write_host(w);
  t.size = w.size;
  return t;
}
inline constexpr HostText kHost = make_host_text();

}  // namespace calotype::note
