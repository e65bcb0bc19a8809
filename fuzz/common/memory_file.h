/* Bytes as a path, for parsers that want one: no disk in the loop. */
#ifndef TLSMATRIX_FUZZ_COMMON_MEMORY_FILE_H
#define TLSMATRIX_FUZZ_COMMON_MEMORY_FILE_H

#include <stddef.h>

/* Puts these bytes in the place of those before; the same path every time. One in a process. */
const char *memory_file(const void *data, size_t len);

/* A folder of its own, made once and removed at the end of the process, in which `name`, perhaps
 * folders down, stands for the memory file. For parsers that want a folder. */
const char *memory_folder(const char *name);

#endif
