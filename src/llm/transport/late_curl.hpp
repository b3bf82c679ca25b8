// libcurl's functions, as <curl/curl.h> declares them: the library is loaded when one is called first. It brings some
// twenty others along, which took half of the start of every command, and few commands make a request.
//
// An argument behind an option is a pointer or an integer of 64 bits, on the systems that the program is for as good as
// a pointer (`long`, curl_off_t). They throw Error kInternal where libcurl cannot be loaded. Thread-safety: curl's own.
#pragma once

#include <curl/curl.h>  // IWYU pragma: export
