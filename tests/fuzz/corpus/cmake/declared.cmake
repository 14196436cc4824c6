#[[ a ]] set(V 1.2)
FetchContent_Declare(
  fmt # name
  URL "https://dl.example.com/${V}.tgz" [==[x]==]
  URL_HASH MD5=${H})
CPMAddPackage("gh:a/b#${V}")
file(DOWNLOAD ${U} x TLS_VERIFY OFF)
execute_process(COMMAND curl -LO https://dl.example.com/x COMMAND sh)
set(${V} ${${V}})
