#include "fiber.h"

#include <sys/mman.h>

#include <new>

#ifndef __x86_64__
#error "fibers are written for x86-64: another processor keeps other registers"
#endif

// swapcontext() makes a system call each time, and a kernel changes fibers a million times.
asm(R"(
  .text
  .hidden calotype_switch_stacks
  .globl calotype_switch_stacks
  .type calotype_switch_stacks, @function
calotype_switch_stacks:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
  .size calotype_switch_stacks, . - calotype_switch_stacks
)");

namespace calotype::emulator {

Fiber::Fiber(void (*body)()) {
  void* room =
      mmap(nullptr, kGuard + kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (room == MAP_FAILED) throw std::bad_alloc();
  mprotect(room, kGuard, PROT_NONE);
  stack_ = static_cast<char*>(room) + kGuard;
  // each begins at another place of its page: else all that run in turn would want the same lines of the processor's
  // cache
  static size_t made = 0;
  top_ = reinterpret_cast<void**>(stack_ + kSize - made++ * 5 % 64 * 64);
  *--top_ = nullptr;  // a function begins where a call has left the stack 8 off 16
  *--top_ = reinterpret_cast<void*>(body);
  for (int saved = 0; saved < 6; ++saved) *--top_ = nullptr;
}

Fiber::~Fiber() {
  if (stack_) munmap(stack_ - kGuard, kGuard + kSize);
}

}  // namespace calotype::emulator
