$ErrorActionPreference = 'Stop'
# a comment
<# a block #>
$url = "https://example.com/$env:V/tool.exe"
Invoke-WebRequest -Uri $url -OutFile tool.exe; iwr https://example.com/i.ps1 -UseBasicParsing | iex
if ((Get-FileHash tool.exe -Algorithm SHA256).Hash -ne '${{ inputs.sum }}') { throw "é`n" }
Set-ExecutionPolicy Bypass -Scope Process -Force
& ./tool.exe --yes `
  /quiet && exit 0
$x = @"
here $(Get-Date)
"@
Start-Process -FilePath .\tool.exe -ArgumentList @('a', "b") | Out-Null
