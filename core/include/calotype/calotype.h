/* Calotype for C, and for every language that can call it.
 *
 * Status: a function that can fail returns 0, or the number of an error as sysexits.h counts it (CALOTYPE_E_...);
 * calotype_last_error then has the text. Nothing here throws, prints, or ends the process.
 *
 * Structs begin with their size in bytes, which the caller sets, and only ever grow at their end: a member that the
 * size does not cover has its default. All others are 0 by default.
 *
 * Strings are UTF-8 and end in NUL. What a function hands out belongs to the host or the result that it was asked of:
 * strings of a host live until the next call with that host, those of a result until calotype_result_destroy.
 *
 * Threads: a host, and a result, is used by one thread at a time, any; several hosts may work in several threads at
 * once. Only calotype_cancel may be called while another thread is in a function of the same host. Callbacks come on
 * the thread that called; they may call calotype_cancel and nothing else of their host.
 */
#ifndef CALOTYPE_H
#define CALOTYPE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  CALOTYPE_E_USAGE = 64,         /* a null where none may be, a number that is out of range */
  CALOTYPE_E_BAD_DATA = 65,      /* a file's contents: weights, an image */
  CALOTYPE_E_NO_INPUT = 66,      /* a file that is not there */
  CALOTYPE_E_UNAVAILABLE = 69,   /* a device that this machine lacks */
  CALOTYPE_E_INTERNAL = 70,      /* a defect of this library or of a plugin */
  CALOTYPE_E_CANNOT_CREATE = 73, /* an output that cannot be written */
  CALOTYPE_E_IO = 74,            /* reading or writing failed midway */
  CALOTYPE_E_NO_MEMORY = 75,     /* may work with less, or later */
  CALOTYPE_E_REFUSED = 77,       /* a plugin that must not be loaded */
  CALOTYPE_E_CONFIG = 78,        /* a key, name or value of a config */
  CALOTYPE_E_CANCELLED = 130     /* the caller asked for it */
};

/* "0.1.0" */
const char* calotype_version(void);
/* Of the last call in this thread that failed: its text, one line; its number. Valid until the next that fails. */
const char* calotype_last_error(void);
int32_t calotype_last_code(void);

/* Loads plugins and models, and draws. */
typedef struct calotype_host calotype_host;
/* What came of a run. */
typedef struct calotype_result calotype_result;

typedef struct calotype_host_options {
  uint32_t size;
  int32_t ignore_environment;        /* 1: CALOTYPE_PLUGIN_PATH is not searched */
  const char* const* plugin_folders; /* searched after the library's own */
  size_t plugin_folder_count;
} calotype_host_options;

/* options may be null. *host is null where it fails. */
int32_t calotype_host_create(const calotype_host_options* options, calotype_host** host);
/* Ends the model and the plugins. null is no error. */
void calotype_host_destroy(calotype_host* host);

enum { CALOTYPE_PHASE_LOAD, CALOTYPE_PHASE_ENCODE, CALOTYPE_PHASE_SAMPLE, CALOTYPE_PHASE_DECODE, CALOTYPE_PHASE_WRITE };

/* Where a run is. Sent when a phase begins and after each model evaluation. */
typedef struct calotype_progress {
  uint32_t size;
  int32_t phase;
  int32_t image, images; /* which image, from 0, of how many */
  int32_t call, calls;   /* model evaluations done for this image, and all that it takes; 0: not known */
  double seconds_per_call;
} calotype_progress;

/* 8-bit RGB, rows from the top, no padding: height * width * 3 bytes. */
typedef struct calotype_image {
  uint32_t size;
  int32_t width, height;
  const uint8_t* rgb;
} calotype_image;

typedef struct calotype_run_options {
  uint32_t size;
  int32_t preview_every; /* of how many model evaluations the preview comes after the last; 0: after each */
  void* context;         /* handed to the callbacks */
  /* Each may be null. A progress that returns other than 0 ends the run, after the model evaluation that is under way.
   */
  int32_t (*progress)(void* context, const calotype_progress* progress);
  /* A small image, an eighth of each side, or a whole one by a tiny decoder; valid during the call. */
  void (*preview)(void* context, const calotype_image* image, const calotype_progress* progress);
} calotype_run_options;

/* Draws what a config asks for. It is YAML or JSON, with the keys of a config file; relative paths are relative to the
 * working directory. Images are written to files only where the config has `output`. options may be null. *result is
 * null where it fails. A second run with the same model loads nothing. */
int32_t calotype_generate(calotype_host* host, const char* config, const calotype_run_options* options,
                          calotype_result** result);
/* Loads the model of a config without drawing. */
int32_t calotype_load(calotype_host* host, const char* config, const calotype_run_options* options);
/* Frees the model, and gives memory back to the system. */
int32_t calotype_unload(calotype_host* host);
/* Ends the run that is under way in another thread, after its model evaluation; it then fails with
 * CALOTYPE_E_CANCELLED. Does nothing where none is. */
void calotype_cancel(calotype_host* host);

/* What a config that names no scheduler, or no sampler, gets from now on: an id, or a YAML map as {id: karras, rho: 5}.
 * Null takes it back. */
int32_t calotype_set_scheduler(calotype_host* host, const char* entry);
int32_t calotype_set_sampler(calotype_host* host, const char* entry);

/* A JSON array of all entries of a kind, "scheduler", "sampler", "loader" or "pipeline": names, settings with range and
 * default. */
int32_t calotype_list(calotype_host* host, const char* kind, const char** json);
/* A JSON object: all that is known of the one entry of that kind and name. */
int32_t calotype_show(calotype_host* host, const char* kind, const char* name, const char** json);
/* A JSON object: what a model's files say, without reading a weight. */
int32_t calotype_describe(calotype_host* host, const char* model, const char** json);
/* A JSON object: all that a run would do. Reads no weight. */
int32_t calotype_plan(calotype_host* host, const char* config, const char** json);

/* How many images; 0 for null. */
size_t calotype_result_count(const calotype_result* result);
/* Image k: pixels into *image, whose size must be set. */
int32_t calotype_result_image(const calotype_result* result, size_t k, calotype_image* image);
/* Image k as a PNG file with its parameters in it. */
int32_t calotype_result_png(calotype_result* result, size_t k, const uint8_t** bytes, size_t* count);
/* The same in base64, without line breaks. */
int32_t calotype_result_base64(calotype_result* result, size_t k, const char** text);
/* A JSON object: `images` with path, seed and config of each, `statistics`, `warnings`, `device`, `dtype`, `sigmas`.
 */
int32_t calotype_result_json(calotype_result* result, const char** json);
/* null is no error. */
void calotype_result_destroy(calotype_result* result);

#ifdef __cplusplus
}
#endif
#endif
