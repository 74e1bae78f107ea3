/* Calotype for C, and for every language that can call C. docs/embed.md has examples.
 *
 * Status: A function that can fail returns 0 or an error number (CALOTYPE_E_..., with the numbers of sysexits.h);
 * calotype_last_error then returns the text. No function throws, prints or ends the process.
 *
 * Structs begin with their size in bytes, which the caller sets, and grow only at their end. A member that the size
 * does not cover has its default. Every default is 0 or null.
 *
 * Strings are UTF-8 and end in NUL. The host or result from which you got a string or other data owns it: data of a
 * host is valid until the next call with this host, data of a result until calotype_result_destroy.
 *
 * Threads: Use a host or a result from one thread at a time; it may move between threads. Several hosts may work in
 * several threads at once. Only calotype_cancel may be called while another thread is in a function of the same host.
 * Callbacks run on the thread that called the function. They may call calotype_cancel and no other function of their
 * host.
 */
#ifndef CALOTYPE_H
#define CALOTYPE_H

#include <calotype/export.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
  CALOTYPE_E_USAGE = 64,         /* a null pointer that is not allowed, a number out of range */
  CALOTYPE_E_BAD_DATA = 65,      /* the contents of a file: weights, an image */
  CALOTYPE_E_NO_INPUT = 66,      /* a file that does not exist */
  CALOTYPE_E_UNAVAILABLE = 69,   /* a device that this machine does not have */
  CALOTYPE_E_INTERNAL = 70,      /* a defect of this library or of a plugin */
  CALOTYPE_E_CANNOT_CREATE = 73, /* an output that cannot be written */
  CALOTYPE_E_IO = 74,            /* reading or writing failed halfway */
  CALOTYPE_E_NO_MEMORY = 75,     /* a run that needs less, or a later run, may succeed */
  CALOTYPE_E_REFUSED = 77,       /* a plugin that must not be loaded */
  CALOTYPE_E_CONFIG = 78,        /* a key, name or value of a config */
  CALOTYPE_E_CANCELLED = 130     /* the caller cancelled the run */
};

/* The version of the library: "0.1.0". */
CALOTYPE_API const char* calotype_version(void);
/* The text (one line) and the number of the last error in this thread. The text is valid until the next error in it. */
CALOTYPE_API const char* calotype_last_error(void);
CALOTYPE_API int32_t calotype_last_code(void);

/* Loads plugins and models, and generates images. */
typedef struct calotype_host calotype_host;
/* The images of a run. */
typedef struct calotype_result calotype_result;

typedef struct calotype_host_options {
  uint32_t size;
  int32_t ignore_environment;        /* 1: the host does not search CALOTYPE_PLUGIN_PATH */
  const char* const* plugin_folders; /* the host searches them after its own folder */
  size_t plugin_folder_count;
} calotype_host_options;

/* Makes a host. options may be null. *host is null if it fails. */
CALOTYPE_API int32_t calotype_host_create(const calotype_host_options* options, calotype_host** host);
/* Frees the model, unloads the plugins and frees the host. host may be null. */
CALOTYPE_API void calotype_host_destroy(calotype_host* host);

enum { CALOTYPE_PHASE_LOAD, CALOTYPE_PHASE_ENCODE, CALOTYPE_PHASE_SAMPLE, CALOTYPE_PHASE_DECODE, CALOTYPE_PHASE_WRITE };

/* The progress of a run. Sent when a phase begins and after each model evaluation. */
typedef struct calotype_progress {
  uint32_t size;
  int32_t phase;
  int32_t image, images; /* number of the image, from 0, and number of all images */
  int32_t call, calls;   /* model evaluations done for this image, and its total; total 0: not known */
  double seconds_per_call;
} calotype_progress;

/* An image of 8-bit RGB: height * width * 3 bytes, rows from the top, no padding. */
typedef struct calotype_image {
  uint32_t size;
  int32_t width, height;
  const uint8_t* rgb;
} calotype_image;

typedef struct calotype_run_options {
  uint32_t size;
  int32_t preview_every; /* a preview comes after this many model evaluations; 0: after each */
  void* context;         /* passed to the callbacks */
  /* Both callbacks may be null. If progress returns anything but 0, the run ends after the current model evaluation. */
  int32_t (*progress)(void* context, const calotype_progress* progress);
  /* Gets an image with an eighth of width and height, or, if the model has a tiny decoder, of full size. The image is
   * valid during the call. */
  void (*preview)(void* context, const calotype_image* image, const calotype_progress* progress);
} calotype_run_options;

/* Generates the images of a config. config is YAML or JSON with the keys of a config file; relative paths are relative
 * to the working directory. Files are written only if the config has `output`. options may be null. *result is null if
 * it fails. A second run with the same model does not load it again. */
CALOTYPE_API int32_t calotype_generate(calotype_host* host, const char* config, const calotype_run_options* options,
                                       calotype_result** result);
/* Loads the model of a config and generates nothing. */
CALOTYPE_API int32_t calotype_load(calotype_host* host, const char* config, const calotype_run_options* options);
/* Frees the model and returns memory to the system. */
CALOTYPE_API int32_t calotype_unload(calotype_host* host);
/* Ends the run that another thread has started, after the current model evaluation; the run fails with
 * CALOTYPE_E_CANCELLED. Does nothing if no run is active. May be called from any thread. */
CALOTYPE_API void calotype_cancel(calotype_host* host);

/* Sets what a config gets from now on if it names no scheduler, or no sampler: an id, or a YAML map such as {id:
 * karras, rho: 5}. entry null: the default again. */
CALOTYPE_API int32_t calotype_set_scheduler(calotype_host* host, const char* entry);
CALOTYPE_API int32_t calotype_set_sampler(calotype_host* host, const char* entry);

/* *json = an array of all entries of a kind, "scheduler", "sampler", "loader" or "pipeline": names, and settings with
 * range and default. */
CALOTYPE_API int32_t calotype_list(calotype_host* host, const char* kind, const char** json);
/* *json = an object: everything that the host knows about one entry, given by kind and name. */
CALOTYPE_API int32_t calotype_show(calotype_host* host, const char* kind, const char* name, const char** json);
/* *json = an object: what the headers of a model's files contain. Reads no weight. */
CALOTYPE_API int32_t calotype_describe(calotype_host* host, const char* model, const char** json);
/* *json = an object: everything that a run would do. Reads no weight. */
CALOTYPE_API int32_t calotype_plan(calotype_host* host, const char* config, const char** json);

/* The number of images; 0 if result is null. */
CALOTYPE_API size_t calotype_result_count(const calotype_result* result);
/* Sets *image to the pixels of image k, from 0. The caller must have set image->size. */
CALOTYPE_API int32_t calotype_result_image(const calotype_result* result, size_t k, calotype_image* image);
/* *bytes = image k as a PNG file that contains its parameters; *count = the number of bytes. */
CALOTYPE_API int32_t calotype_result_png(calotype_result* result, size_t k, const uint8_t** bytes, size_t* count);
/* *text = the PNG file of image k in base64, without line breaks. */
CALOTYPE_API int32_t calotype_result_base64(calotype_result* result, size_t k, const char** text);
/* *json = an object: `images` with path, seed and config of each, `statistics`, `warnings`, `device`, `dtype`,
 * `sigmas`. */
CALOTYPE_API int32_t calotype_result_json(calotype_result* result, const char** json);
/* Frees a result and all its data. result may be null. */
CALOTYPE_API void calotype_result_destroy(calotype_result* result);

#ifdef __cplusplus
}
#endif
#endif
