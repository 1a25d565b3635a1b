module example.com/forklore-payment

go 1.19
