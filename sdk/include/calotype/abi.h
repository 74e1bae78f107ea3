/* The contract between the host and a plugin, in C. docs/plugin-abi.md explains it.
 *
 * Rules: A struct begins with its size in bytes and grows only at its end. Before you read a member, check that the
 * size covers it. Neither side frees what the other side allocated. No function throws, and no declaration names a C++
 * or libtorch type. Strings are UTF-8, end in NUL and live as long as the struct that points to them. The host calls a
 * function on the threads that the manifest allows. The function calls the host only on the thread on which it was
 * called.
 */
#ifndef CALOTYPE_ABI_H
#define CALOTYPE_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The number of this contract. A host loads a plugin that requires this number or a lower one. */
#define CALOTYPE_ABI 1u
/* The number that a plugin requires. The default is 1 in every SDK, so that older hosts load the plugin too. A plugin
 * that needs a later addition defines this as the number that introduced the addition, before it includes any header.
 */
#ifndef CALOTYPE_REQUIRED_ABI
#define CALOTYPE_REQUIRED_ABI 1u
#endif

/* The ELF note that holds a manifest: section .note.calotype, name "Calotype", the type below. The host reads it from
 * the file before it loads the library. */
#define CALOTYPE_NOTE_NAME "Calotype"
#define CALOTYPE_NOTE_TYPE 1u
#define CALOTYPE_NOTE_MAGIC 0x4f4c4143u /* "CALO", little-endian */

/* The start of a note's descriptor. The manifest of one entry, JSON in UTF-8, follows it. A library has one note for
 * each entry. */
typedef struct calotype_note_header {
  uint32_t magic;       /* CALOTYPE_NOTE_MAGIC */
  uint32_t header_size; /* bytes of this header; the JSON begins there */
  uint32_t json_size;   /* bytes of JSON, without padding */
  uint32_t tier; /* 1: this C contract only; 2: C++ over the host's own libtorch, every version matched exactly */
  uint32_t abi;  /* CALOTYPE_REQUIRED_ABI: the lowest CALOTYPE_ABI that the entry works with */
} calotype_note_header;

/* The status that a function returns. FAILED: the arguments have no answer; the message gives the reason. STOPPED: a
 * host call ended the run. NO_MEMORY: an allocation failed. DEFECT: the plugin itself is at fault; older hosts treat it
 * as FAILED. Any other number means FAILED. */
enum { CALOTYPE_OK = 0, CALOTYPE_FAILED = 1, CALOTYPE_STOPPED = 2, CALOTYPE_NO_MEMORY = 3, CALOTYPE_DEFECT = 4 };

/* The text of an error, written by the function that fails: one line, no full stop, cut to fit. Owned by the host,
 * valid until the function returns. The room is size - offsetof(calotype_message, text) bytes, and never more than
 * sizeof text. */
typedef struct calotype_message {
  uint32_t size;
  char text[1020];
} calotype_message;

enum { CALOTYPE_BOOLEAN = 1, CALOTYPE_INTEGER, CALOTYPE_NUMBER, CALOTYPE_TEXT, CALOTYPE_CHOICE, CALOTYPE_NUMBERS };

/* The value of one declared setting in this run: the user's value or the default. The host has checked it against the
 * declaration. */
typedef struct calotype_setting {
  uint32_t size;
  uint32_t type;
  const char* name;
  double number;    /* value of a boolean (0 or 1), integer or number; NaN if a number without default is not given */
  const char* text; /* value of a text or choice */
  const double* numbers; /* value of numbers: [count] */
  size_t count;
} calotype_setting;

/* All settings that the entry declares, in the order of the declaration. Owned by the host, valid until the function
 * returns. */
typedef struct calotype_settings {
  uint32_t size;
  uint32_t count;
  const calotype_setting* const* values;
} calotype_settings;

/* The sigmas that a model was trained on. A sigma is the standard deviation of the noise, for clean latents of unit
 * variance. Owned by the host, valid until the function returns. */
typedef struct calotype_noise_levels {
  uint32_t size;
  uint32_t count;       /* number of training timesteps, often 1000 */
  const double* sigmas; /* [count], rising; sigmas[t] is the sigma of timestep t */
} calotype_noise_levels;

/* The scheduler. `sigmas` gets the number of steps, 1 or more, and writes steps+1 numbers: finite, strictly falling,
 * the last one 0. It is pure: equal arguments give equal numbers. */
typedef struct calotype_scheduler {
  uint32_t size;
  int32_t (*sigmas)(uint32_t steps, const calotype_noise_levels* levels, const calotype_settings* settings,
                    double* sigmas, calotype_message* message);
} calotype_scheduler;

/* Noisy or clean latents of the images that a run generates, [N,C,h,w]. The host owns the memory and alone
 * knows shape and device. A plugin owns the handles that it got, until it releases them. */
typedef struct calotype_latents calotype_latents;

/* The host calls of a sampler, valid until `sample` returns. Each call returns CALOTYPE_OK or another status; the
 * sampler must return that status at once and may call only `release` after it. */
typedef struct calotype_sampler_host {
  uint32_t size;
  uint32_t abi;
  void* context;
  /* One model evaluation. *denoised = the model's prediction of the clean latents in x, with guidance. x holds noise of
   * standard deviation sigma, sigma > 0. */
  int32_t (*denoise)(void* context, const calotype_latents* x, double sigma, calotype_latents** denoised);
  /* *out = sum of coefficients[i] * terms[i], count >= 1, in one trip through memory. If *out is null, the host makes
   * new latents; else it overwrites *out, which may be one of the terms. */
  int32_t (*combine)(void* context, size_t count, const double* coefficients, const calotype_latents* const* terms,
                     calotype_latents** out);
  /* *noise = standard normal noise, for the step from sigma to sigma_next. The host owns seed and generator. */
  int32_t (*noise)(void* context, double sigma, double sigma_next, calotype_latents** noise);
  /* *norm = root mean square of (low - high) / max(atol, rtol * max(|low|, |previous|)): the error measure of samplers
   * that choose their own steps, as in k-diffusion's sample_dpm_adaptive. */
  int32_t (*error_norm)(void* context, const calotype_latents* low, const calotype_latents* high,
                        const calotype_latents* previous, double atol, double rtol, double* norm);
  /* Gives latents back to the host; null is allowed. */
  void (*release)(void* context, calotype_latents* latents);
  /* A later addition to this table, by its id; null if the host does not have it. */
  const void* (*extension)(void* context, const char* id);
} calotype_sampler_host;

/* extension(context, CALOTYPE_GUIDED) returns this table to samplers whose manifest has "needs": ["unconditional"]. */
#define CALOTYPE_GUIDED "calotype.guided"
typedef struct calotype_guided {
  uint32_t size;
  /* As calotype_sampler_host.denoise, also one model evaluation. *unconditional = the prediction without guidance, for
   * the negative prompt alone. */
  int32_t (*denoise)(void* context, const calotype_latents* x, double sigma, calotype_latents** denoised,
                     calotype_latents** unconditional);
} calotype_guided;

/* The sampler. `sample` takes *x from sigmas[0] to sigmas[steps], which is 0, and leaves clean latents in *x. The
 * sampler owns *x: it returns the same handle, or another one after it has released the first. */
typedef struct calotype_sampler {
  uint32_t size;
  int32_t (*sample)(const calotype_sampler_host* host, const calotype_settings* settings, uint32_t steps,
                    const double* sigmas, calotype_latents** x, calotype_message* message);
} calotype_sampler;

enum { CALOTYPE_SCHEDULER = 1, CALOTYPE_SAMPLER = 2, CALOTYPE_LOADER = 3, CALOTYPE_PIPELINE = 4 };

/* One entry that a library offers. A manifest in the same library has its id. */
typedef struct calotype_entry {
  uint32_t size;
  uint32_t kind;
  const char* id;
  const void* implementation; /* calotype_scheduler or calotype_sampler; tier 2: a factory of the C++ interface */
} calotype_entry;

/* What calotype_library() returns, the only symbol that a library exports: static data, the same at each call. */
typedef struct calotype_library_table {
  uint32_t size;
  uint32_t abi;
  uint32_t count;
  const calotype_entry* const* entries;
} calotype_library_table;

#define CALOTYPE_LIBRARY_SYMBOL "calotype_library"
typedef const calotype_library_table* (*calotype_library_function)(void);

#ifdef __cplusplus
}
#endif
#endif
