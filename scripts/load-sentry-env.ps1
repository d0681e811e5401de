#Requires -Version 5.1
<#
.SYNOPSIS
Sets what the project's env files export in this PowerShell session.

.DESCRIPTION
Evaluates what `mcp-supervisor env --shell pwsh` prints, and nothing else: the quoting is done there. Run it in
the folder of ecosystem.config.ts. Arguments are passed on.

.EXAMPLE
./scripts/load-sentry-env.ps1
All variables of the env files.

.EXAMPLE
./scripts/load-sentry-env.ps1 sentry
What the server `sentry` is given from them.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    # A server, or options of `mcp-supervisor env` such as --config FILE.
    [Parameter(ValueFromRemainingArguments = $true)]
    [string[]] $Arguments = @()
)

[Console]::OutputEncoding = [System.Text.UTF8Encoding]::new()
node "$PSScriptRoot/../dist/bin/mcp-supervisor.js" env --shell pwsh @Arguments | ForEach-Object { Invoke-Expression $_ }
