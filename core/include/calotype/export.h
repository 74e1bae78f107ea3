/* CALOTYPE_API marks what libcalotype exports: each function, and each class with functions that are not inline, of a
 * public header. */
#ifndef CALOTYPE_EXPORT_H
#define CALOTYPE_EXPORT_H

#define CALOTYPE_API __attribute__((visibility("default")))

#endif
