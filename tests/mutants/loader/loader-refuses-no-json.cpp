// Takes such a file.
extern const char* const kTakes;
const char* const kTakes = "no_json";
