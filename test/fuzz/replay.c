/* SPDX-License-Identifier: MIT
 *
 * A main() for a fuzz target: gives it each file that is named, and each of a folder.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define INPUT_MAX ((size_t)1 << 20)

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(INPUT_MAX), *exact;
    size_t len;

    if (!file || !data) {
        perror(path);
        return 1;
    }
    len = fread(data, 1, INPUT_MAX, file);
    (void)fclose(file);
    exact = malloc(len ? len : 1); /* so that one octet too many is noticed */
    if (!exact)
        return 1;
    memcpy(exact, data, len);
    free(data);
    (void)LLVMFuzzerTestOneInput(exact, len);
    free(exact);
    return 0;
}

static int replay(const char *path)
{
    DIR *folder = opendir(path);
    const struct dirent *entry;
    char name[4096];
    int failed = 0;

    if (!folder)
        return replay_file(path);
    while (!failed && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        failed = replay(name);
    }
    closedir(folder);
    return failed;
}

int main(int argc, char **argv)
{
    int failed = argc < 2;

    for (int i = 1; i < argc && !failed; i++)
        failed = replay(argv[i]);
    return failed;
}
