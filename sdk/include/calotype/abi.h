/* The contract between the host and a plugin, in C.
 *
 * Rules: a struct begins with its size in bytes and only ever grows at its end; whoever reads a member checks that the
 * size covers it. Nothing here allocates for the other side, throws, or names a C++ or libtorch type. Strings are
 * UTF-8, end in NUL and live as long as the struct that points to them. Every function is called on a thread that its
 * note allows, and calls the host on that one alone.
 */
#ifndef CALOTYPE_ABI_H
#define CALOTYPE_ABI_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The contract's number. A host loads a plugin that asks for this number or a lower one. */
#define CALOTYPE_ABI 1u
/* What a plugin asks for: the first contract, whatever SDK it is built with, so that older hosts load it too. A plugin
 * that cannot live without a later addition defines this as the number that brought it, before it includes anything. */
#ifndef CALOTYPE_REQUIRED_ABI
#define CALOTYPE_REQUIRED_ABI 1u
#endif

/* The ELF note that a host reads before it loads a library: section .note.calotype, name "Calotype", type below. */
#define CALOTYPE_NOTE_NAME "Calotype"
#define CALOTYPE_NOTE_TYPE 1u
#define CALOTYPE_NOTE_MAGIC 0x4f4c4143u /* "CALO", little-endian */

/* What stands at the start of the note's descriptor; the JSON text of one entry follows it. A library may carry many.
 */
typedef struct calotype_note_header {
  uint32_t magic;       /* CALOTYPE_NOTE_MAGIC */
  uint32_t header_size; /* bytes before the JSON */
  uint32_t json_size;   /* bytes of JSON, without padding */
  uint32_t tier;        /* 1: this contract only; 2: C++ over the host's own libtorch, matched exactly */
  uint32_t abi;         /* CALOTYPE_REQUIRED_ABI: the lowest CALOTYPE_ABI that the entry can live with */
} calotype_note_header;

/* FAILED: there is no answer to what was asked. STOPPED: a host call told the plugin to end. NO_MEMORY: failed for want
 * of memory. DEFECT: failed by a fault of its own, to an older host FAILED. Others that are not OK mean FAILED. */
enum { CALOTYPE_OK = 0, CALOTYPE_FAILED = 1, CALOTYPE_STOPPED = 2, CALOTYPE_NO_MEMORY = 3, CALOTYPE_DEFECT = 4 };

/* Where a function that fails writes why: one line, no full stop, cut to fit. */
typedef struct calotype_message {
  uint32_t size;
  char text[1020];
} calotype_message;

enum { CALOTYPE_BOOLEAN = 1, CALOTYPE_INTEGER, CALOTYPE_NUMBER, CALOTYPE_TEXT, CALOTYPE_CHOICE, CALOTYPE_NUMBERS };

/* One declared setting with the value that holds in this run: the user's or the default, checked against the
 * declaration. */
typedef struct calotype_setting {
  uint32_t size;
  uint32_t type;
  const char* name;
  double number;         /* boolean (0, 1), integer, number; NaN where the default is "not given" */
  const char* text;      /* text, choice */
  const double* numbers; /* numbers */
  size_t count;
} calotype_setting;

/* All settings that the entry declares, in the order of the declaration. */
typedef struct calotype_settings {
  uint32_t size;
  uint32_t count;
  const calotype_setting* const* values;
} calotype_settings;

/* The sigmas that a model was trained on. */
typedef struct calotype_noise_levels {
  uint32_t size;
  uint32_t count;       /* number of training timesteps, 1000 for SDXL */
  const double* sigmas; /* [count], rising; sigmas[t] is the sigma of timestep t */
} calotype_noise_levels;

/* Chooses the sigmas. Writes steps+1 numbers: finite, falling strictly, the last 0. */
typedef struct calotype_scheduler {
  uint32_t size;
  int32_t (*sigmas)(uint32_t steps, const calotype_noise_levels* levels, const calotype_settings* settings,
                    double* sigmas, calotype_message* message);
} calotype_scheduler;

/* An image in the making, [N,4,H/8,W/8] for SDXL. The host owns the memory; a plugin owns the handles that it was
 * given. */
typedef struct calotype_latents calotype_latents;

/* What a sampler may ask of the host. Each call returns CALOTYPE_OK, or a status that the sampler must return at once.
 */
typedef struct calotype_sampler_host {
  uint32_t size;
  uint32_t abi;
  void* context;
  /* The model's estimate of the clean latents in x, which carries noise of standard deviation sigma > 0. */
  int32_t (*denoise)(void* context, const calotype_latents* x, double sigma, calotype_latents** denoised);
  /* *out = sum of coefficients[i] * terms[i], count >= 1, in one pass over memory. *out null: new latents; else they
   * are overwritten, and may be one of the terms. */
  int32_t (*combine)(void* context, size_t count, const double* coefficients, const calotype_latents* const* terms,
                     calotype_latents** out);
  /* Noise of unit variance for the way from sigma to sigma_next. */
  int32_t (*noise)(void* context, double sigma, double sigma_next, calotype_latents** noise);
  /* Root mean square of (low - high) / max(atol, rtol * max(|low|, |previous|)), for samplers that choose their own
   * steps. */
  int32_t (*error_norm)(void* context, const calotype_latents* low, const calotype_latents* high,
                        const calotype_latents* previous, double atol, double rtol, double* norm);
  void (*release)(void* context, calotype_latents* latents);
  /* A later addition by its id, or null. */
  const void* (*extension)(void* context, const char* id);
} calotype_sampler_host;

/* extension(context, CALOTYPE_GUIDED): what samplers ask for whose notes say "needs": ["unconditional"]. */
#define CALOTYPE_GUIDED "calotype.guided"
typedef struct calotype_guided {
  uint32_t size;
  /* As denoise, and one model evaluation; *unconditional is the estimate without guidance, for the negative prompt
   * alone. */
  int32_t (*denoise)(void* context, const calotype_latents* x, double sigma, calotype_latents** denoised,
                     calotype_latents** unconditional);
} calotype_guided;

/* The solver. Walks x from sigmas[0] to sigmas[steps] = 0. x belongs to the sampler: it returns it in *x, or another in
 * its place. */
typedef struct calotype_sampler {
  uint32_t size;
  int32_t (*sample)(const calotype_sampler_host* host, const calotype_settings* settings, uint32_t steps,
                    const double* sigmas, calotype_latents** x, calotype_message* message);
} calotype_sampler;

enum { CALOTYPE_SCHEDULER = 1, CALOTYPE_SAMPLER = 2, CALOTYPE_LOADER = 3, CALOTYPE_PIPELINE = 4 };

/* One thing that a library offers; its id stands in a note of the same library. */
typedef struct calotype_entry {
  uint32_t size;
  uint32_t kind;
  const char* id;
  const void* implementation; /* calotype_scheduler, calotype_sampler; tier 2: a factory of the C++ interface */
} calotype_entry;

/* The one symbol that a library exports, under the name "calotype_library". */
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
