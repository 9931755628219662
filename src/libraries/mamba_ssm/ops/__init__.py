"""Part of mamba_ssm."""
