// Leaves data with each thread that calls it, and code of its own to take that away when the thread ends.
#pragma once
#include <pthread.h>

static void take_away(void*) {}

static void leave_data() {
  static pthread_key_t key;
  static const bool is_made = pthread_key_create(&key, take_away) == 0;
  static int data = 0;
  if (is_made) pthread_setspecific(key, &data);
}
